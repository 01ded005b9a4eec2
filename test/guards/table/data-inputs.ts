/**
 * Guards of what a task may read and write by the broker's hand: places of other projects, and paths that mean something (row 3); and of the links that
 * sites get, in what they say afterwards (row 10).
 */
import type { Guard } from '../guard.ts'

const FACTS = 'packages/federation/src/facts.ts'
const OWN = 'packages/federation/src/own-places.ts'
const SENT = 'apps/broker/src/sites/sent-secrets.ts'
const SENT_TESTS = ['apps/broker/src/sites/sent-secrets.test.ts']
const OWN_TESTS = ['packages/federation/src/own-places.test.ts']

export const DATA_INPUTS: readonly Guard[] = [
  {
    id: 'inputs-of-other-projects',
    threats: ['T03'],
    file: FACTS,
    off: [['foreignInputs: compiled.ownsPlaces ?', 'foreignInputs: compiled.ownsPlaces && work.inputs.length < 0 ?']],
    tests: OWN_TESTS,
  },
  {
    id: 'targets-of-other-projects',
    threats: ['T03'],
    file: FACTS,
    off: [['if (foreign) return', 'if (foreign && url.length < 0) return']],
    tests: OWN_TESTS,
  },
  {
    id: 'folders-over-other-projects',
    threats: ['T03'],
    file: OWN,
    off: [['inside => inside !== project', 'inside => inside !== project && owner !== undefined']],
    tests: OWN_TESTS,
  },
  {
    id: 'own-places-in-all-spellings',
    threats: ['T03'],
    file: 'apps/broker/src/config/own-places.ts',
    off: [['.flatMap(({ server }) => spellingsOf(url, server.endpoint))', '.flatMap(({ server }) => spellingsOf(url, server.cloud))']],
    tests: ['apps/broker/src/config/check-data.test.ts'],
  },
  {
    id: 'work-directories-of-other-projects',
    threats: ['T03'],
    file: 'packages/federation/src/map-paths.ts',
    off: [['|| !counts(map, project)', "|| (!counts(map, project) && file === '')"]],
    tests: ['packages/federation/src/map-paths.test.ts'],
  },
  {
    id: 'output-names-stay-below',
    threats: ['T03'],
    file: 'packages/federation/src/place-outputs.ts',
    off: [["name === '' || parseUrl(url) === undefined", "name === '' || parseUrl(folder) === undefined"]],
    tests: ['packages/federation/src/place-outputs.test.ts'],
  },
  {
    id: 'signed-links-hidden',
    threats: ['T10'],
    file: SENT,
    off: [
      [
        'return hideLinks(hideAt(hosts, index.hideIn(text)))',
        'return text.length < 0 ? hideLinks(text) : hideAt(hosts, index.hideIn(text))',
      ],
    ],
    tests: SENT_TESTS,
  },
  {
    id: 'sent-links-hidden',
    threats: ['T10'],
    file: SENT,
    off: [['links = keepNewest(links, opening,', 'links = keepNewest([], [],']],
    tests: SENT_TESTS,
  },
  {
    id: 'hosts-of-foreign-links-hidden',
    threats: ['T10'],
    file: SENT,
    off: [['hideLinks(hideAt(hosts, index.hideIn(text)))', 'hideLinks(index.hideIn(text))']],
    tests: SENT_TESTS,
  },
  {
    id: 'links-in-all-spellings',
    threats: ['T10'],
    file: 'apps/broker/src/observe/hide-links.ts',
    off: [['(?:[?&]|%3f|%26|\\\\u0026|&amp;|%253f|%2526)', '(?:[?&])']],
    tests: ['apps/broker/src/observe/hide-links.test.ts'],
  },
  {
    id: 'refusals-without-links',
    threats: ['T10'],
    file: 'apps/broker/src/sites/push-gateway.ts',
    off: [['{ ...answer, detail: secrets.hideIn(answer.detail) }', '{ ...answer }']],
    tests: ['apps/broker/src/reconcile/offer-action.test.ts'],
  },
]
