import { setImmediate as nextTurn } from 'node:timers/promises'
import { describeBus } from './bus.contract.ts'
import { createMemoryBus } from './bus-memory.ts'

describeBus(
  'memory',
  async () => createMemoryBus(),
  async () => {
    for (let turn = 0; turn < 5; turn++) await nextTurn()
  },
)
