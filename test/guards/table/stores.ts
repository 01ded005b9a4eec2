/**
 * Guards of the stores of locations: what is asked of them with the broker's keys, and what is shown of it (row 3).
 */
import type { Guard } from '../guard.ts'

const WATCHED = 'apps/broker/src/data/watched-store.ts'
const TESTS = ['apps/broker/src/data/stores.test.ts']

export const STORES: readonly Guard[] = [
  {
    id: 'stores-asked-for-what-is-declared',
    threats: ['T03'],
    file: WATCHED,
    off: [[`if (!covers(url)) return unsupported('it lies below no prefix of this location')`, '']],
    tests: TESTS,
  },
  {
    id: 'links-to-what-is-declared',
    threats: ['T03'],
    file: WATCHED,
    off: [[`if (!covers(url)) throw new TypeError('A link opens what its own location declares')`, 'void covers(url)']],
    tests: TESTS,
  },
  {
    id: 'lists-under-rules-of-their-own',
    threats: ['T03'],
    file: WATCHED,
    off: [["!url.includes('?') && covers(url)", "!url.includes('?')"]],
    tests: TESTS,
  },
]
