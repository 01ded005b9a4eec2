/**
 * Guards of what is found out about data: what no decision may keep (row 9).
 */
import type { Guard } from '../guard.ts'

const REPLICAS = 'apps/broker/src/data/drs-replicas.ts'
const ACCESS = 'apps/broker/src/data/drs-access.ts'
const INPUT_TESTS = ['apps/broker/test/drs-inputs.test.ts']
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
    file: 'apps/broker/src/data/whereabouts.ts',
    off: [["if (parsed === undefined) return 'unreadable'", "if (parsed === undefined) return 'elsewhere'"]],
    tests: DRS_TESTS,
  },
  {
    id: 'handed-out-links-under-rules-looked-at',
    threats: ['T03'],
    file: ACCESS,
    off: [['if (isJudged(place, wish, ground, places))', "if (place !== 'unreadable' && ground !== 'x')"]],
    tests: INPUT_TESTS,
  },
  {
    id: 'own-places-behind-handed-out-links',
    threats: ['T03'],
    file: ACCESS,
    off: [['if (at === undefined) return !place.owned', 'if (at === undefined) return true']],
    tests: INPUT_TESTS,
  },
]
