/**
 * What every adapter of the store promises. An adapter's test calls this with its opener.
 */
import { describe } from 'vitest'
import { describeAbandoned } from './contract/abandoned.contract.ts'
import { describeEvents } from './contract/events.contract.ts'
import { describeLeases } from './contract/leases.contract.ts'
import { describeLists } from './contract/lists.contract.ts'
import { describeTracking } from './contract/tracking.contract.ts'
import { describeWork } from './contract/work.contract.ts'
import type { Store } from './store.ts'

/** Opens a new, empty store; called once a test. */
export type OpenStore = () => Promise<Store>

export function describeStore(name: string, open: OpenStore): void {
  describe(name, () => {
    describeWork(open)
    describeAbandoned(open)
    describeTracking(open)
    describeLeases(open)
    describeLists(open)
    describeEvents(open)
  })
}
