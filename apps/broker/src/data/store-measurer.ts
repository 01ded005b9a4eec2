/**
 * Measures outputs at the stores of declared locations. What the end of a task waits for is asked before all else at a store, for so many tasks at
 * once; the sums that lists do not tell come after all else. What is known when the time is over is the answer.
 */
import { expandOutputs, indexReported, type ListedOutput, type OutputExpectation } from '@portolan/federation'
import { createAsking } from './asking.ts'
import type { LocationHealth } from './location-health.ts'
import { createRoom, lookUpOutputs } from './look-up-outputs.ts'
import { createMeasuringPlaces } from './measuring-places.ts'
import type { ObjectStore, ObjectStores } from './object-store.ts'
import type { DataObserver } from './observer.ts'
import type { OutputMeasurer } from './output-measurer.ts'

export interface StoreMeasurerOptions {
  readonly stores: Pick<ObjectStores, 'at'>
  readonly health: Pick<LocationHealth, 'condition'>
  readonly observer: Pick<DataObserver, 'measured'>
  /** ms since 1970. */
  readonly now: () => number
}

/** Tasks at one store. */
const AT_ONCE = 16
/** Of the time there is, this much is waited for a place at most. */
const MOST_IN_LINE = 0.5
/** Of what is left then: for so long lists of many single files are waited for, and a store that refuses all is left in peace. */
const PATIENCE = 0.25

export function createStoreMeasurer({ stores, health, observer, now }: StoreMeasurerOptions): OutputMeasurer {
  const places = createMeasuringPlaces(AT_ONCE)
  return {
    async measure(expected, withinMs, signal) {
      const begunAt = now()
      const listed: ListedOutput[] = []
      const reported = indexReported(expected.reported)
      const room = createRoom()

      async function look(store: ObjectStore | undefined, outputs: readonly (readonly [at: number, output: Declared])[]): Promise<void> {
        const tell = (at: number, what: ListedOutput): void => {
          listed[at] = what
        }
        if (store === undefined) {
          for (const [at] of outputs) tell(at, { outcome: 'undeclared' })
          return
        }
        // Nobody waits in line at a server that is down.
        const waitMs = health.condition(store.location).state === 'down' ? 0 : withinMs * MOST_IN_LINE
        const leave = await places.enter(store.location, waitMs, signal)
        const leftMs = Math.max(0, withinMs - (now() - begunAt))
        const patienceMs = leftMs * PATIENCE
        const asking = createAsking(store, AbortSignal.any([signal, AbortSignal.timeout(leftMs)]), patienceMs)
        await lookUpOutputs({ asking, outputs, reported, stores, room, patienceMs, tell, told: leave }).finally(leave)
      }

      const byStore = Map.groupBy(expected.declared.entries(), ([, { url }]) => stores.at(url))
      // A store that does not answer keeps no other waiting.
      await Promise.all([...byStore].map(([store, outputs]) => look(store, outputs)))
      signal.throwIfAborted()
      const measured = expandOutputs(expected, listed)
      observer.measured(outcomeOf(measured.outputs.length, measured.warnings.length), now() - begunAt)
      return measured
    },
  }
}

type Declared = OutputExpectation['declared'][number]

function outcomeOf(outputs: number, warnings: number): 'whole' | 'partly' | 'nothing' {
  if (warnings === 0) return 'whole'
  return outputs === 0 ? 'nothing' : 'partly'
}
