/**
 * How one store is asked about what one task has left: so many questions at once, and again where it fails, until the time is over. A store that
 * refuses all is asked once more a little later, for its keys may be others by then.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LocationId } from '@portolan/federation'
import PQueue from 'p-queue'
import type { ListedPage, ListFrom, ObjectFacts, ObjectStore, StoreAnswer, StoreFailure } from './object-store.ts'

export interface Asking {
  readonly location: LocationId
  /** Ends when the time is over. */
  readonly deadline: AbortSignal
  /** One of the many files of a directory. */
  head(url: string): Promise<StoreAnswer<ObjectFacts>>
  /** A file that was declared itself, if it is still needed when its turn comes; undefined: it was not. */
  headIf(url: string, isNeeded: () => boolean): Promise<StoreAnswer<ObjectFacts> | undefined>
  list(below: string, from: ListFrom | undefined): Promise<StoreAnswer<ListedPage>>
  /** Once, for what can be found out in another way: ends with the signal too. */
  glanceAt(below: string, from: ListFrom | undefined, most: number, signal: AbortSignal): Promise<StoreAnswer<ListedPage>>
  /** Once, when nobody else waits. */
  headAtLeisure(url: string): Promise<StoreAnswer<ObjectFacts>>
}

const AT_ONCE = 16
/** Of them, what is asked of directories: where it hangs, single files are measured all the same. */
const FOR_DIRECTORIES = 12
/** Between two tries, ms. */
const RETRY_MS = 250
const RETRY_MAX_MS = 2_000

const MAY_PASS: ReadonlySet<StoreFailure['kind']> = new Set(['unreachable', 'timeout', 'busy', 'server'])
const LATE = { outcome: 'failed', failure: { kind: 'timeout', detail: 'There was no time left.' } } as const

/** `secondLookMs`: after so long, files with keys are read again. */
export function createAsking(store: ObjectStore, deadline: AbortSignal, secondLookMs: number): Asking {
  const [first, last] = [store.inTurn('first'), store.inTurn('last')]
  const line = new PQueue({ concurrency: AT_ONCE })
  const directories = new PQueue({ concurrency: FOR_DIRECTORIES })
  let hasAnswered = false
  let secondLook: Promise<unknown> | undefined
  let hasLookedAgain = false

  async function persist<T>(ask: () => Promise<StoreAnswer<T>>): Promise<StoreAnswer<T>> {
    let again = false
    for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MAX_MS)) {
      const answer = deadline.aborted ? LATE : await ask()
      if (deadline.aborted || answer.outcome !== 'failed') {
        hasAnswered ||= answer.outcome !== 'failed'
        return answer
      }
      if (answer.failure.kind === 'auth') {
        // What is refused among what is not is refused for itself.
        if (again || hasAnswered || hasLookedAgain) return answer
        again = true
        secondLook ??= pause(secondLookMs).then(() => {
          hasLookedAgain = true
        })
        await secondLook
        if (deadline.aborted) return answer
      } else if (MAY_PASS.has(answer.failure.kind)) await pause(waitMs)
      else return answer
    }
  }

  const pause = (ms: number): Promise<unknown> => sleep(ms, undefined, { signal: deadline }).catch(() => undefined)
  return {
    location: store.location,
    deadline,
    head: url => directories.add(() => line.add(() => persist(() => first.head(url, deadline)))),
    headIf: (url, isNeeded) => line.add(async () => (isNeeded() ? persist(() => first.head(url, deadline)) : undefined)),
    list: (below, from) => directories.add(() => line.add(() => persist(() => first.list(below, from, deadline)))),
    glanceAt: (below, from, most, signal) => line.add(async () => (signal.aborted ? LATE : first.list(below, from, signal, most))),
    headAtLeisure: url => line.add(async () => (deadline.aborted ? LATE : last.head(url, deadline))),
  }
}
