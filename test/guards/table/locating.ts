/**
 * Guards of what is found out about data: what no decision may keep (row 9).
 */
import type { Guard } from '../guard.ts'

const REPLICAS = 'apps/broker/src/data/drs-replicas.ts'
const DRS_TESTS = ['apps/broker/src/data/drs-locating.test.ts']

export const LOCATING: readonly Guard[] = [
  {
    id: 'signed-addresses-not-kept',
    threats: ['T09'],
    file: REPLICAS,
    off: [["parsed.search === ''", "parsed.search !== ' '"]],
    tests: DRS_TESTS,
  },
  {
    id: 'passwords-in-addresses-not-kept',
    threats: ['T09'],
    file: REPLICAS,
    off: [["parsed.username === '' && parsed.password === ''", "parsed.username !== ' '"]],
    tests: DRS_TESTS,
  },
]
