/**
 * What comes with our forms, and the answer to forms that are not ours. Pure.
 */
import * as z from 'zod/mini'
import type { Page } from './page.ts'
import { problemPage } from './problem-page.ts'

const field = z.catch(z.optional(z.string()), undefined)
const Fields = z.object({
  form_token: field,
  user_code: field,
  decision: field,
  project: field,
  approval: field,
  device: field,
  token: field,
  all: field,
})
export type Fields = z.infer<typeof Fields>

/** The fields of a form as they were sent; one that was sent twice, or not as a form, is not there. */
export function readFields(body: unknown): Fields {
  return Fields.safeParse(body).data ?? Fields.parse({})
}

/** `says`: why; else the form was made for another session. */
export function foreignFormPage(requestId: string, base: string, says = 'This form was not made for the session that you are in.'): Page {
  return problemPage(
    { status: 403, title: 'Nothing was done', says, fix: 'Begin again at the first page of this broker.', requestId },
    base,
  )
}
