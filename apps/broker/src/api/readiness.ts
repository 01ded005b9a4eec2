/**
 * Whether this process can take work: the store can be written (which it cannot before its migrations are done), has refused nothing of late,
 * and the process is not ending.
 * Sites, logins and the bus never count: what is amiss there is told beside. The store is asked at most once a second, whoever asks how often.
 */
import type { Store } from '../stores/store.ts'
import type { Readiness } from './portolan-schemas.ts'

const KEEP_MS = 1_000
const WAIT_MS = 2_000
/** A small write may go through where a large one is refused, so a refusal counts for a while, whatever the probe says. */
const REFUSAL_COUNTS_MS = 30_000

export interface ReadinessParts {
  readonly store: Store
  readonly now: () => number
  readonly isEnding: () => boolean
  /** What is amiss and does not count, one sentence each. */
  readonly troubles: () => readonly string[]
}

export function createReadiness({ store, now, isEnding, troubles }: ReadinessParts): () => Promise<Readiness> {
  let askedAt = Number.NEGATIVE_INFINITY
  let answer: Promise<string | undefined> = Promise.resolve(undefined)

  return async () => {
    if (now() - askedAt >= KEEP_MS) {
      askedAt = now()
      answer = tryToWrite(store)
    }
    const problem = await answer
    const problems = [...(isEnding() ? ['the broker is ending'] : []), ...(problem === undefined ? refusals(store) : [problem])]
    return { ready: problems.length === 0, problems, notes: [...troubles()] }
  }
}

function refusals(store: Store): string[] {
  return store.sinceRefusal() < REFUSAL_COUNTS_MS ? [`the store has refused a write within the last ${REFUSAL_COUNTS_MS / 1000} s`] : []
}

/** What is wrong with the store, for everybody: no path, no internal text. */
function tryToWrite(store: Store): Promise<string | undefined> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(`the store has not written within ${WAIT_MS} ms`), WAIT_MS)
    store.checkWritable().then(
      () => {
        clearTimeout(timer)
        resolve(undefined)
      },
      () => {
        clearTimeout(timer)
        resolve('the store cannot be written')
      },
    )
  })
}
