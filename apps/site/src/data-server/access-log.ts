/**
 * The access log of a data server: one JSON line per request, on disk when the request is over. It says who read what and how many bytes left.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod/mini'

export const Access = z.object({
  /** RFC 3339. */
  time: z.string(),
  /** The declared reader, or the site itself; absent for a request without a known token. */
  reader: z.optional(z.string()),
  method: z.string(),
  /** Below the data folder, starting with `/`. */
  path: z.string(),
  /** 499: the client hung up before there was an answer. */
  status: z.number(),
  /** Bytes of file content read (GET) or written (PUT). */
  bytes: z.number(),
  /** True where the site read its own disk: nothing went over a network. */
  local: z.optional(z.boolean()),
  /** True where the client hung up before the end. */
  aborted: z.optional(z.boolean()),
})
export type Access = z.infer<typeof Access>

export interface AccessLog extends Disposable {
  readonly path: string
  write(access: Omit<Access, 'time'>): void
}

export function openAccessLog(path: string, now: () => Date = () => new Date()): AccessLog {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'a', 0o600)
  let isOpen = true
  return {
    path,
    write(access) {
      // A line is appended at once: the log of a killed site lacks no request that was answered.
      if (isOpen) writeSync(file, `${JSON.stringify({ time: now().toISOString(), ...access })}\n`)
    },
    [Symbol.dispose]() {
      if (isOpen) closeSync(file)
      isOpen = false
    },
  }
}
