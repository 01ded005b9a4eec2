/**
 * What clients ask of lists of their own, and of a new token. Every fault names its field and the fix. Pure.
 */
import type { Problem } from '@portolan/ga4gh/documents'
import { parsePerson } from '@portolan/identity'
import { badRequest } from '@portolan/tes/server'
import type { WantedToken } from '../auth/rules/new-token.ts'
import type { PersonRef } from '../stores/login-rows.ts'
import { NewToken } from './account-schemas.ts'
import { readPageSize, readQuery } from './query-fields.ts'

export interface ListRequest {
  readonly pageSize: number
  readonly pageToken?: string | undefined
  /** Absent: their own. */
  readonly owner?: PersonRef | 'any' | undefined
}

/** Unknown parameters are ignored, empty ones count as not given. Throws a 400. */
export function readListRequest(url: string): ListRequest {
  const problems: Problem[] = []
  const read = readQuery(url, problems)
  const pageSize = readPageSize(read('page_size'), problems)
  const owner = readOwner(read('owner'), problems)
  const pageToken = read('page_token')
  if (problems.length > 0) throw badRequest(problems)
  return { pageSize, pageToken, owner }
}

function readOwner(text: string | undefined, problems: Problem[]): PersonRef | 'any' | undefined {
  if (text === undefined || text === 'any') return text
  const parsed = parsePerson(text)
  if (parsed.ok) return parsed.person
  problems.push({ path: 'owner', message: parsed.problem, fix: 'Write sub@iss, or any for those of everybody.' })
  return undefined
}

const FIXES: Readonly<Record<keyof NewToken, string>> = {
  name: 'Give a text of 1 to 100 characters that says what the token is for, such as "nextflow on the cluster".',
  project: 'Give the id of one of your projects, or leave the field out.',
  scopes: 'Give a list of some of "read" and "write" ("admin" for administrators), or leave the field out.',
  expires_in_days: 'Give a whole number from 1 on, or leave the field out.',
}
const FIELDS = Object.keys(FIXES)

/** What can be seen on a line: a name is shown in lists and on pages. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/** The body of a create. Throws a 400. A field that does not exist is refused: a misspelt bound would bind nothing. */
export function readNewToken(body: unknown): WantedToken {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest([{ path: '', message: 'The body is not a JSON object', fix: 'Send an object such as {"name": "nextflow"}.' }])
  }
  const problems: Problem[] = Object.keys(body)
    .filter(key => !FIELDS.includes(key))
    .map(key => ({ path: key.slice(0, 40), message: 'There is no such field', fix: `The fields are ${FIELDS.join(', ')}.` }))
  const parsed = NewToken.safeParse(body)
  const wrong = new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0])))
  const name = parsed.success ? parsed.data.name.trim() : ''
  if (parsed.success && (name === '' || UNSEEN.test(name))) wrong.add('name')
  for (const [field, fix] of Object.entries(FIXES)) {
    const message = field in body ? 'The field has a value that it cannot have' : 'The field is missing'
    if (wrong.has(field)) problems.push({ path: field, message, fix })
  }
  if (problems.length > 0 || !parsed.success) throw badRequest(problems)
  const { project, scopes, expires_in_days: days } = parsed.data
  return { name, project, scopes, days }
}
