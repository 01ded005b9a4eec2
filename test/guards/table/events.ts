/**
 * Guards of those who follow tasks: whose events one sees (row 3), until when (row 2), how many may follow, what
 * sites are asked for that (row 16), and what of their answers is shown (row 10).
 */
import type { Guard } from '../guard.ts'

const FEED = 'apps/broker/src/events/store-feed.ts'
const FEED_TESTS = ['apps/broker/src/events/store-feed.test.ts']
const STREAM = 'apps/broker/src/api/event-stream.ts'
const ROUTE_TESTS = ['apps/broker/src/api/event-routes.test.ts']

export const EVENTS: readonly Guard[] = [
  {
    id: 'events-of-what-one-sees',
    threats: ['T03'],
    file: FEED,
    off: [['if (!maySee(principal, kept.task.seen)) continue', 'if (limit < 0 && !maySee(principal, kept.task.seen)) continue']],
    tests: ROUTE_TESTS,
  },
  {
    id: 'ends-of-what-one-sees',
    threats: ['T03'],
    file: FEED,
    off: [['return event && maySee(principal, event.seen) ? number : undefined', 'return event && principal && number']],
    tests: FEED_TESTS,
  },
  {
    id: 'streams-judged-again',
    threats: ['T02'],
    file: STREAM,
    off: [['      else stop()\n', '']],
    tests: ROUTE_TESTS,
  },
  {
    id: 'old-events-read-once',
    threats: ['T16'],
    file: FEED,
    off: [['const first = after - (after % SLICE)', 'const first = after']],
    tests: FEED_TESTS,
  },
  {
    id: 'old-events-in-turn',
    threats: ['T16'],
    file: FEED,
    off: [['if (newest - at > SLICE) await', 'if (newest < at) await']],
    tests: FEED_TESTS,
  },
  {
    id: 'streams-of-a-person-bounded',
    threats: ['T16'],
    file: STREAM,
    off: [['if (own >= rules.perPerson) throw', 'if (own < 0) throw']],
    tests: ROUTE_TESTS,
  },
  {
    id: 'streams-of-all-bounded',
    threats: ['T16'],
    file: STREAM,
    off: [['if (open >= rules.perProcess) throw', 'if (open < 0) throw']],
    tests: ROUTE_TESTS,
  },
  {
    id: 'streams-that-stand-still',
    threats: ['T16'],
    file: STREAM,
    off: [['if (waiting >= rules.stalledBeats) return', 'if (waiting < 0) return']],
    tests: ['apps/broker/src/api/event-stream.test.ts'],
  },
  {
    id: 'live-reads-in-their-budget',
    threats: ['T16'],
    file: 'apps/broker/src/data/site-logs.ts',
    off: [['nextAt = now() + everyMs', 'nextAt = now()']],
    tests: ['apps/broker/src/data/site-logs.test.ts'],
  },
  {
    id: 'live-logs-without-credentials',
    threats: ['T10'],
    file: 'apps/broker/src/sites/push-gateway.ts',
    off: [['log && { log: secrets.hideInLog(log) }', 'log && { log }']],
    tests: ['apps/broker/src/sites/push-gateway.test.ts'],
  },
]
