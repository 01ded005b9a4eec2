/**
 * Guards of what a task has left: what counts as its output, and who gets the bytes of it (row 3); that some are left for others, and that nobody
 * crowds out its measuring (row 16).
 */
import type { Guard } from '../guard.ts'

const EXPAND = 'packages/federation/src/expand-outputs.ts'
const EXPAND_TESTS = ['packages/federation/src/expand-outputs.test.ts']
const FIND = 'apps/broker/src/api/find-output.ts'
const OUTPUTS_TESTS = ['apps/broker/test/outputs.test.ts']

export const DATA_OUTPUTS: readonly Guard[] = [
  {
    id: 'outputs-of-the-declared-place',
    threats: ['T03'],
    file: EXPAND,
    off: [['parsed.scheme !== root.scheme || parsed.host !== root.host || parsed.port !== root.port', 'parsed.scheme !== root.scheme']],
    tests: EXPAND_TESTS,
  },
  {
    id: 'outputs-no-older-than-their-task',
    threats: ['T03'],
    file: EXPAND,
    off: [['modifiedAt >= since - CLOCK_SKEW_MS', 'since > 0']],
    tests: EXPAND_TESTS,
  },
  {
    id: 'outputs-whose-time-is-known',
    threats: ['T03'],
    file: EXPAND,
    off: [['modifiedAt !== undefined && modifiedAt >=', '(modifiedAt ?? since) >=']],
    tests: EXPAND_TESTS,
  },
  {
    id: 'results-of-other-tasks',
    threats: ['T03'],
    file: 'packages/federation/src/other-results.ts',
    off: [['folder !== undefined && folder !== results.own', "folder === '' && folder !== results.own"]],
    tests: EXPAND_TESTS,
  },
  {
    id: 'claims-of-sites-below-what-was-declared',
    threats: ['T03'],
    file: 'apps/broker/src/data/look-up-outputs.ts',
    off: [['isDeclaredAt(output, url) && url !== object', '(isDeclaredAt(output, url) || url !== "") && url !== object']],
    tests: ['apps/broker/src/data/store-measurer.test.ts'],
  },
  {
    id: 'ends-before-everybody',
    threats: ['T16'],
    file: 'apps/broker/src/data/store-limits.ts',
    off: [['first: 2', 'first: 0']],
    tests: ['apps/broker/src/data/http-store.test.ts', 'apps/broker/src/data/s3-store.test.ts'],
  },
  {
    id: 'bytes-for-whose-task-it-is',
    threats: ['T03'],
    file: FIND,
    off: [["if (!mayHave(store, principal, work)) throw new Refusal('bytes-not-yours')", 'mayHave(store, principal, work)']],
    tests: OUTPUTS_TESTS,
  },
  {
    id: 'bytes-as-they-were-measured',
    threats: ['T03'],
    file: FIND,
    off: [
      ['|| answer.value.bytes !== bytes || !isSameVersion(output, answer.value)) throw', '&& !isSameVersion(output, answer.value)) throw'],
    ],
    tests: OUTPUTS_TESTS,
  },
  {
    id: 'compute-data-handed-to-nobody',
    threats: ['T03'],
    file: 'apps/broker/src/api/output-delivery.ts',
    off: [["found.prefix.access === 'compute'", "found.prefix.url === ''"]],
    tests: OUTPUTS_TESTS,
  },
  {
    id: 'relays-leave-some-to-others',
    threats: ['T16'],
    file: 'apps/broker/src/api/relay-places.ts',
    off: [['own === 0 || own + 1 <= (atOnce', 'own >= 0 || own + 1 <= (atOnce']],
    tests: ['apps/broker/src/api/relay-places.test.ts', ...OUTPUTS_TESTS],
  },
  {
    id: 'relays-in-turn-of-persons',
    threats: ['T16'],
    file: 'apps/broker/src/api/relay-places.ts',
    off: [['heldBy(one.person) < heldBy(best.person) ? one : best', 'heldBy(one.person) < 0 ? one : best']],
    tests: ['apps/broker/src/api/relay-places.test.ts'],
  },
  {
    id: 'relays-taken-in-time',
    threats: ['T16'],
    file: 'apps/broker/src/api/relay-output.ts',
    off: [['          pace.begin()\n          yield chunk', '          yield chunk']],
    tests: OUTPUTS_TESTS,
  },
  {
    id: 'links-by-drs-cost-creates',
    threats: ['T16'],
    file: 'apps/broker/src/api/drs-routes.ts',
    off: [['await door.spend(request, asked.length - 1)', 'await door.spend(request, 0)']],
    tests: ['apps/broker/test/drs.test.ts'],
  },
]
