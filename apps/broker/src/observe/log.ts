/**
 * The broker's log: JSON lines by pino. No line holds a token, a password, inline content or a signed URL, whoever writes it.
 */
import { type DestinationStream, type Logger, pino } from 'pino'
import { hideFields, hideInText } from './hide-secrets.ts'

export interface LogOptions {
  readonly level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined
  /** Default: standard output. */
  readonly destination?: DestinationStream | undefined
}

export function createLog({ level = 'info', destination }: LogOptions = {}): Logger {
  const options = {
    level,
    base: null,
    formatters: {
      log: (fields: Record<string, unknown>) => Object.fromEntries(Object.entries(hideFields(fields) as Record<string, unknown>)),
    },
    // Errors are already described by hideFields.
    serializers: { err: (described: unknown) => described },
    hooks: { streamWrite: hideInText },
  }
  return destination ? pino(options, destination) : pino(options)
}

const MOST_KEYS = 10_000

/** Says each thing once: further lines under the same key are dropped. Answers whether it was said. */
export function createOnceLog(log: Logger): (key: string, fields: object, message: string) => boolean {
  const said = new Set<string>()
  return (key, fields, message) => {
    if (said.has(key) || said.size >= MOST_KEYS) return false
    said.add(key)
    log.warn(fields, message)
    return true
  }
}
