/**
 * The body of every error answer: `msg` and `status_code` as GA4GH clients expect them, beside the fields of RFC 9457.
 */
import * as z from 'zod/mini'

/** One thing to mend in a document: the field (`executors[0].command`), what is wrong with it, and what to write instead. */
export const Problem = z.object({ path: z.string(), message: z.string(), fix: z.string() })
export type Problem = z.infer<typeof Problem>

export const ErrorBody = z.object({
  msg: z.string(),
  status_code: z.int32(),
  type: z.optional(z.string()),
  title: z.optional(z.string()),
  detail: z.optional(z.string()),
  instance: z.optional(z.string()),
  request_id: z.optional(z.string()),
  problems: z.optional(z.array(Problem)),
})
export type ErrorBody = z.infer<typeof ErrorBody>
