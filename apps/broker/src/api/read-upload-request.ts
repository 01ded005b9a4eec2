/**
 * What clients ask of uploads. Every fault names its field and the fix. Pure.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { parseUrl, urlBelow } from '@portolan/federation'
import type { Problem } from '@portolan/ga4gh/documents'
import { badRequest, HttpProblem } from '@portolan/tes/server'
import { countParts, MOST_UPLOAD_BYTES, sizeOfPart } from '../data/plan-parts.ts'
import type { UploadRow } from '../stores/upload-store.ts'
import { NewPartLinks, NewUpload } from './data-schemas.ts'

const FIXES: Readonly<Record<keyof NewUpload, string>> = {
  name: 'Give a name such as "reads/a.fastq.gz": 1 to 1024 characters, with single slashes between folders, and none that climbs.',
  bytes: `Give the size of the file in bytes, a whole number up to ${MOST_UPLOAD_BYTES}.`,
  project: 'Give the id of one of your projects, or leave the field out.',
  replace: 'Give true or false, or leave the field out.',
}
const FIELDS = Object.keys(FIXES)

/** The body of a create. Throws a 400. A field that does not exist is refused: a misspelt `replace` would keep nothing. */
export function readNewUpload(body: unknown): NewUpload {
  const problems = findStrangers(body, FIELDS)
  const parsed = NewUpload.safeParse(body)
  const wrong = new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0])))
  if (parsed.success && parsed.data.bytes > MOST_UPLOAD_BYTES) wrong.add('bytes')
  for (const [field, fix] of Object.entries(FIXES)) if (wrong.has(field)) problems.push(describe(body, field, fix))
  if (problems.length > 0 || !parsed.success) throw badRequest(problems)
  return parsed.data
}

/** The URL of a name in a person's folder. Throws a 400 for a name that is none, or that would lead out of it. */
export function placeUpload(folder: string, name: string): string {
  const url = urlBelow(folder, name)
  const isWithin = url?.startsWith(folder) && !name.endsWith('/') && parseUrl(url) !== undefined
  if (url === undefined || !isWithin || UNSEEN.test(name)) {
    throw badRequest([{ path: 'name', message: 'The name is no name of a file', fix: FIXES.name }])
  }
  return url
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/** The numbers of the parts that links are asked for, each once. Throws a 400. */
export function readPartNumbers(body: unknown, upload: UploadRow): readonly number[] {
  const problems = findStrangers(body, ['parts'])
  const parsed = NewPartLinks.safeParse(body)
  if (problems.length > 0) throw badRequest(problems)
  const numbers = parsed.success ? parsed.data.parts : []
  if (numbers.length === 0 || numbers.some(number => sizeOfPart(upload, number) === undefined)) {
    const fix = `Give 1 to 100 numbers from 1 to ${countParts(upload)}.`
    throw badRequest([{ path: 'parts', message: 'These are no parts of the upload', fix }])
  }
  return [...new Set(numbers)]
}

/** The part that a request brings, as large as that part is. Throws 400, 413 or 415. */
export function readPartHead(
  text: string,
  headers: IncomingHttpHeaders,
  upload: UploadRow,
): { readonly number: number; readonly bytes: number } {
  const number = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 0
  const bytes = sizeOfPart(upload, number)
  if (bytes === undefined) {
    const fix = `The parts of this upload have the numbers 1 to ${countParts(upload)}.`
    throw badRequest([{ path: 'number', message: 'There is no such part', fix }])
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new HttpProblem(415, 'A part is taken as it is: send it without Content-Encoding.')
  }
  const length = headers['content-length'] ?? (headers['transfer-encoding'] === undefined ? '0' : '')
  if (/^\d{1,15}$/.test(length) && Number(length) > bytes) {
    throw new HttpProblem(413, `The part ${number} of this upload has ${bytes} bytes, and ${length} were announced.`)
  }
  if (length !== String(bytes)) {
    const fix = `Send exactly ${bytes} bytes, and say so in Content-Length.`
    throw badRequest([{ path: 'Content-Length', message: 'It is not the size of this part', fix }])
  }
  return { number, bytes }
}

function findStrangers(body: unknown, fields: readonly string[]): Problem[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest([{ path: '', message: 'The body is not a JSON object', fix: `Send an object with the fields ${fields.join(', ')}.` }])
  }
  return Object.keys(body)
    .filter(key => !fields.includes(key))
    .map(key => ({ path: key.slice(0, 40), message: 'There is no such field', fix: `The fields are ${fields.join(', ')}.` }))
}

function describe(body: unknown, field: string, fix: string): Problem {
  const isThere = typeof body === 'object' && body !== null && field in body
  return { path: field, message: isThere ? 'The field has a value that it cannot have' : 'The field is missing', fix }
}
