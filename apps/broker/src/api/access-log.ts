/**
 * The access log: one JSON line a request, written by hand and in batches, since this path runs for every poll. Never a query string, a header
 * or a body: those may hold secrets. Nor a token that stands in a path by mistake.
 */
import { hideTokens } from '@portolan/ga4gh/documents'
import type { DoorAct } from '../auth/limits/door-rules.ts'

export interface AccessEntry {
  readonly requestId: string
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly status: number
  readonly ms: number
  /** Which limit has refused or slowed it, and whose address that was; absent for all others. */
  readonly limited?: { readonly act: DoorAct; readonly address: string } | undefined
}

export interface AccessLog {
  write(entry: AccessEntry): void
  /** Hands on what is waiting. */
  flush(): void
}

const BATCH_CHARACTERS = 16_384
const BATCH_MS = 100
const PATH_CHARACTERS = 256

/** `sink` takes whole lines. Times are ms since 1970. */
export function createAccessLog(sink: (lines: string) => void, now: () => number): AccessLog {
  let waiting = ''
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (waiting === '') return
    const lines = waiting
    waiting = ''
    sink(lines)
  }

  return {
    write({ requestId, method, path, status, ms, limited }) {
      waiting += `{"level":30,"time":${now()},"msg":"request","requestId":"${requestId}","method":"${method}","path":${JSON.stringify(
        hideTokens(path.slice(0, PATH_CHARACTERS)),
      )},"status":${status},"ms":${ms.toFixed(2)}${limited === undefined ? '' : `,"limited":"${limited.act}","address":"${limited.address}"`}}\n`
      if (waiting.length >= BATCH_CHARACTERS) flush()
      else timer ??= setTimeout(flush, BATCH_MS).unref()
    },
    flush,
  }
}
