/**
 * Guards of what sites and token servers answer, and of what the broker says of it (rows 4, 10 and 15), and a few that stand alone (rows 9 and 13).
 */
import type { Guard } from '../guard.ts'

const FETCH = 'apps/broker/src/http/outbound-fetch.ts'
const GATEWAY = 'apps/broker/src/sites/push-gateway.ts'
const CREDENTIAL = 'packages/ga4gh/src/secrets-of.ts'
const FORBIDDEN = 'packages/tes/src/server/forbidden-addresses.ts'
const FETCH_TESTS = ['apps/broker/src/http/outbound-fetch.test.ts']
const GATEWAY_TESTS = ['apps/broker/src/sites/push-gateway.test.ts']
const HOSTILE = ['apps/broker/src/sites/hostile-site.test.ts']
const SENT = ['apps/broker/src/sites/sent-secrets.test.ts']
const ACCESS = ['apps/broker/src/http/access.test.ts']

/** Each is tried by itself: routed nowhere in public, or with another address inside. */
const RANGES = [
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  '::ffff:0:0:0/96',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  'fec0::/10',
  'ff00::/8',
]

export const SITES: readonly Guard[] = [
  {
    id: 'answers-bounded',
    threats: ['T10'],
    file: FETCH,
    off: [['if (bytes > maxBytes)', 'if (bytes < 0)']],
    tests: HOSTILE,
  },
  {
    id: 'logs-without-credentials',
    threats: ['T10'],
    file: GATEWAY,
    off: [['log: secrets.hideInLog(completeLog(log, state))', 'log: completeLog(log, state)']],
    tests: GATEWAY_TESTS,
  },
  {
    id: 'cut-logs-without-credentials',
    threats: ['T10'],
    file: 'apps/broker/src/sites/gap-mark.ts',
    off: [
      ['head.slice(0, -EDGE)', 'head'],
      ['tail.slice(EDGE)', 'tail'],
    ],
    tests: ['apps/broker/src/sites/cut-long-texts.test.ts'],
  },
  {
    id: 'long-answers-bounded',
    threats: ['T10'],
    file: 'apps/broker/src/sites/cut-long-texts.ts',
    off: [
      ['if (length > keptBytes)', 'if (length < 0)'],
      ['if (read > readBytes)', 'if (read < 0)'],
    ],
    tests: ['apps/broker/src/sites/cut-long-texts.test.ts'],
  },
  {
    id: 'failures-without-credentials',
    threats: ['T10'],
    file: 'packages/ga4gh/src/response.ts',
    off: [[`secrets.reduce((kept, secret) => kept.replaceAll(secret, '[hidden]'), foreign)`, `secrets.length < 0 ? '' : foreign`]],
    tests: HOSTILE,
  },
  {
    id: 'passwords-decoded',
    threats: ['T10'],
    file: CREDENTIAL,
    off: [[`scheme.toLowerCase() === 'basic' ? passwordsIn(token)`, `scheme === '' ? passwordsIn(token)`]],
    tests: [...HOSTILE, ...SENT],
  },
  {
    id: 'secrets-in-every-form',
    threats: ['T10'],
    file: CREDENTIAL,
    off: [['return [secret, JSON.stringify(secret).slice(1, -1), ...percent, ...percent.map(withSmallHex)]', 'return percent && [secret]']],
    tests: [...HOSTILE, ...SENT],
  },
  {
    id: 'answers-about-the-task-asked-for',
    threats: ['T10'],
    file: 'packages/tes/src/client/client.ts',
    off: [['if (task?.id !== id) throw', 'if (task === undefined) throw']],
    tests: ['packages/tes/src/client/client-at-sites.test.ts'],
  },
  {
    id: 'ids-of-sites-bounded',
    threats: ['T10'],
    file: GATEWAY,
    off: [['if (id.length > MOST_ID_CHARACTERS)', 'if (id.length < 0)']],
    tests: GATEWAY_TESTS,
  },
  {
    id: 'codes-of-token-servers',
    threats: ['T10'],
    file: 'apps/broker/src/http/describe-token-failure.ts',
    off: [[`CODES.includes(error) ? error : 'an unknown code'`, 'CODES.length > 0 ? error : error']],
    tests: ACCESS,
  },
  {
    id: 'opaque-tokens-not-sent',
    threats: ['T10'],
    file: 'apps/broker/src/http/token-server.ts',
    off: [['} else if (forPerson) throw', '} else if (forPerson && wanted.length < 0) throw']],
    tests: ACCESS,
  },
  {
    id: 'no-user-in-an-address',
    threats: ['T10'],
    file: FETCH,
    off: [[`if (url.username !== '' || url.password !== '')`, `if (url.username === url.href)`]],
    tests: FETCH_TESTS,
  },
  {
    id: 'addresses-read-alike',
    threats: ['T15'],
    file: FETCH,
    off: [['if (!WRITTEN.test(href))', `if (WRITTEN.source === href)`]],
    tests: FETCH_TESTS,
  },
  {
    id: 'certificates-of-sites-trusted',
    threats: ['T10'],
    file: 'apps/broker/src/http/guarded-agents.ts',
    off: [['if (socket instanceof TLSSocket && !socket.authorized)', `if (socket instanceof TLSSocket && origin === '')`]],
    tests: ['apps/broker/src/http/mtls.test.ts'],
  },
  {
    id: 'tags-signed',
    threats: ['T10'],
    file: 'packages/federation/src/tag-payload.ts',
    off: [['return verify(keyId, payload, signature) ?', `return verify(keyId, payload, signature) || keyId !== '' ?`]],
    tests: ['packages/federation/src/tag-payload.test.ts'],
  },
  {
    id: 'nothing-for-the-terminal',
    threats: ['T10'],
    file: 'apps/cli/src/output/escape.ts',
    off: [[`.replace(UNSEEN, '')`, '']],
    tests: ['apps/cli/src/output/escape.test.ts'],
  },
  {
    id: 'backend-parameters-that-a-site-knows',
    threats: ['T04'],
    file: 'packages/federation/src/prepare.ts',
    off: [['if (strict || capabilities', `if (strict || name !== '' || capabilities`]],
    tests: ['packages/federation/src/prepare.test.ts'],
  },
  {
    id: 'keys-read-by-their-owner',
    threats: ['T09'],
    file: 'apps/broker/src/stores/key-file.ts',
    off: [[`open(draft, 'wx', 0o600)`, `open(draft, 'wx', 0o666)`]],
    tests: ['apps/broker/src/stores/codec.test.ts'],
  },
  {
    id: 'pages-of-listed-origins',
    threats: ['T13'],
    file: 'apps/broker/src/api/front.ts',
    off: [['if (origin === undefined || !corsOrigins.has(origin)) return false', 'if (origin === undefined) return false']],
    tests: ['test/e2e/web-threats.test.ts'],
  },
  {
    id: 'one-state',
    threats: ['T13'],
    file: 'apps/broker/src/auth/web/web-login.ts',
    off: [['return more.length === 0 ? state : undefined', 'return more.length >= 0 ? state : undefined']],
    tests: ['test/e2e/web-threats.test.ts'],
  },
  ...RANGES.map(range => ({
    id: `no-${range.replace(/[^0-9a-f]+/g, '-').replace(/^-/, '')}`,
    threats: ['T15'],
    file: FORBIDDEN,
    off: [[`  '${range}',\n`, '']] as const,
    tests: ['packages/tes/src/server/forbidden-addresses.test.ts'],
  })),
]
