/**
 * A row of `pnpm interop`: one part of the real world that Portolan is run against, with a folder, a time limit and an end of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endLeftovers } from './leftovers.ts'
import { type Need, provide } from './needs.ts'

export interface Row {
  readonly name: string
  /** For people: what holds when the row has passed. */
  readonly shows: string
  readonly needs: readonly Need[]
  readonly limitSeconds: number
  /** Rejects with what does not hold. Whatever it starts names the stage's folder in its arguments, so that it can be found. */
  run(stage: Stage): Promise<void>
}

export interface Stage {
  /** An empty folder of the row's own; removed when the row is over. */
  readonly folder: string
  /** What must be undone, whatever happens; done when no process of the row is left. */
  readonly cleanup: AsyncDisposableStack
  /** Aborted when the time is over or the person has enough. */
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

export interface RowResult {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly seconds: number
  /** Why it was skipped, or what did not hold. */
  readonly detail: string
}

/** Runs a row and cleans up behind it. Never rejects. Processes that the row leaves behind are ended, and are a failure. */
export async function runRow(row: Row, signal: AbortSignal, say: (line: string) => void): Promise<RowResult> {
  const startedAt = performance.now()
  const end = (outcome: RowResult['outcome'], detail: string): RowResult => ({
    name: row.name,
    outcome,
    seconds: (performance.now() - startedAt) / 1000,
    detail,
  })
  const missing = await provide(row.needs, signal, say)
  if (missing !== undefined) return end('skipped', missing)

  const folder = await mkdtemp(join(tmpdir(), 'portolan-'))
  const limit = AbortSignal.timeout(row.limitSeconds * 1000)
  const failures: string[] = []
  const cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  try {
    await row.run({ folder, cleanup, signal: AbortSignal.any([signal, limit]), say })
  } catch (error) {
    failures.push(limit.aborted ? `it was not over after ${row.limitSeconds} s` : '', explain(error))
  }
  const left = await endLeftovers(folder)
  failures.push(...left.map(command => `left running: ${command}`))
  await cleanup.disposeAsync().catch((error: unknown) => failures.push(explain(error)))
  const detail = failures.filter(Boolean).join('\n')
  return end(detail === '' ? 'passed' : 'failed', detail)
}

/** The messages of an error and of all that caused it. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}\n${explain(error.cause)}`
}
