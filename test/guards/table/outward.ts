/**
 * Guards of what the broker sends: where to, and with whose credential (rows 4, 10 and 15).
 */
import type { Guard } from '../guard.ts'

const AGENTS = 'apps/broker/src/http/guarded-agents.ts'
const FETCH = 'apps/broker/src/http/outbound-fetch.ts'
const STREAMS = 'apps/broker/src/http/outbound-stream.test.ts'
const SSRF = 'apps/broker/src/http/ssrf.test.ts'

export const OUTWARD: readonly Guard[] = [
  {
    id: 'forbidden-addresses',
    threats: ['T15'],
    file: 'packages/tes/src/server/forbidden-addresses.ts',
    off: [[`return family === 0 || forbidden.check(bare, family === 6 ? 'ipv6' : 'ipv4')`, 'return family > 6']],
    tests: [SSRF],
  },
  {
    id: 'judge-literal',
    threats: ['T15'],
    file: AGENTS,
    off: [['return isIP(host) !== 0 && !declaredOrigins.has(origin)', 'return isIP(host) < 0 && !declaredOrigins.has(origin)']],
    tests: [SSRF],
  },
  {
    id: 'judge-name',
    threats: ['T15'],
    file: AGENTS,
    off: [
      ['if (isForbidden(address)) settle(block(origin))', 'if (isForbidden(address) && address === origin) settle(block(origin))'],
      ['if (isForbidden(socket.remoteAddress)) settle(block(origin))', 'if (origin === undefined) settle(block(origin))'],
    ],
    tests: [SSRF],
  },
  {
    id: 'declared-to-the-letter',
    threats: ['T15'],
    file: AGENTS,
    off: [
      [
        'const isForbidden = (address: string | undefined): boolean => !options.declaredOrigins.has(origin)',
        'const isForbidden = (address: string | undefined): boolean => options.declaredOrigins.size === 0',
      ],
    ],
    tests: [SSRF],
  },
  {
    id: 'no-redirects',
    threats: ['T15', 'T10'],
    file: FETCH,
    off: [['followRedirect: false', 'followRedirect: true']],
    tests: [SSRF, STREAMS],
  },
  {
    id: 'http-only',
    threats: ['T15'],
    file: FETCH,
    off: [
      [`if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))`, 'if (url === null)'],
      ['if (!WRITTEN.test(href))', 'if (WRITTEN.source === href)'],
    ],
    tests: [SSRF, 'apps/broker/src/http/outbound-fetch.test.ts'],
  },
  {
    id: 'credential-to-declared-origins',
    threats: ['T10'],
    file: FETCH,
    off: [[`if (headers.has('authorization') && !declaredOrigins.has(url.origin))`, 'if (declaredOrigins.has(target))']],
    tests: ['apps/broker/src/http/outbound-fetch.test.ts'],
  },
  {
    id: 'credential-bound-to-origin',
    threats: ['T10'],
    file: 'apps/broker/src/http/access.ts',
    off: [['return request => (request.url.origin === origin ? provider(request) : {})', 'return request => provider(request)']],
    tests: ['apps/broker/src/http/outbound-fetch.test.ts'],
  },
  {
    id: 'certificate-bound-to-origin',
    threats: ['T10'],
    file: FETCH,
    off: [['if (URL.parse(href)?.origin === identity.origin) return send(href, init).catch(tell)', 'return send(href, init).catch(tell)']],
    tests: ['apps/broker/src/http/mtls.test.ts'],
  },
  {
    id: 'client-secret-bound-to-origin',
    threats: ['T10'],
    file: 'apps/broker/src/http/oauth-client.ts',
    off: [["if (!origins.includes(URL.parse(href)?.origin ?? '')) {", 'if (origins.length < 0) {']],
    tests: ['apps/broker/src/http/access.test.ts'],
  },
  {
    id: 'login-asked-at-its-origins',
    threats: ['T10'],
    file: 'apps/broker/src/auth/open-login.ts',
    off: [["if (origins.has(URL.parse(href)?.origin ?? '')) return fetch(href, init)", 'if (origins.size > 0) return fetch(href, init)']],
    tests: ['apps/broker/test/login/login-origins.test.ts'],
  },
  {
    id: 'exchanged-token-names-its-site',
    threats: ['T10'],
    file: 'apps/broker/src/http/token-server.ts',
    off: [['if (!wanted.some(value => audiences.includes(value))) {', 'if (audiences.length < 0) {']],
    tests: ['apps/broker/src/http/access.test.ts'],
  },
  {
    id: 'exchanged-token-kept-by-person',
    threats: ['T10'],
    file: 'apps/broker/src/http/access.ts',
    off: [['const key = JSON.stringify([person.issuer, person.subject])', 'const key = person.issuer + person.subject']],
    tests: ['apps/broker/src/http/access.test.ts'],
  },
  {
    id: 'lists-of-a-site-end',
    threats: ['T10'],
    file: 'apps/broker/src/sites/observe-pages.ts',
    off: [['if (characters + length > bounds.characters)', 'if (characters < 0)']],
    tests: ['apps/broker/src/sites/observe-pages.test.ts'],
  },
  {
    id: 'reserved-tags',
    threats: ['T04'],
    file: 'packages/federation/src/prepare.ts',
    off: [
      [`return RESERVED_TAGS.some(reserved => reserved === key.toUpperCase()) ? 'it is reserved by sites' : undefined`, 'return undefined'],
    ],
    tests: ['test/e2e/hints.test.ts', 'packages/federation/src/prepare.test.ts'],
  },
  {
    id: 'own-tags',
    threats: ['T04'],
    file: 'packages/federation/src/prepare.ts',
    off: [[`if (key.toLowerCase().startsWith(TAG_PREFIX)) return 'only the broker writes it'`, '']],
    tests: ['test/e2e/hints.test.ts'],
  },
]
