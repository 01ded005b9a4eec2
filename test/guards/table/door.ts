/**
 * Guards of the door itself: web pages (row 13), devices (row 14), floods (row 16).
 */
import type { Guard } from '../guard.ts'

const OPEN_MODE = 'packages/tes/src/server/open-mode.ts'
const OPEN_MODE_TESTS = ['packages/tes/src/server/open-mode.test.ts']
const COOKIES = 'apps/broker/src/auth/tokens/cookies.ts'
const COOKIE_TESTS = ['apps/broker/src/auth/tokens/cookies.test.ts']
const PENDING = 'apps/broker/src/stores/sqlite/commands/login/pending-logins.ts'
const LOGIN_STORE = ['apps/broker/src/stores/sqlite-login-store.test.ts']
const LIMITS = ['apps/broker/src/auth/limits/limits.test.ts']
const DOOR_LIMITS = ['apps/broker/test/limits.test.ts']
const DEAR_TURNS = ['apps/broker/test/dear-turns.test.ts']
const SLOW_CLIENTS = ['apps/broker/test/slow-clients.test.ts']
const BODY_BUDGET = 'apps/broker/src/auth/limits/body-budget.ts'
const BODIES = ['apps/broker/test/body-budget.test.ts', 'apps/broker/src/auth/limits/body-budget.test.ts']
const GUESSES = ['test/e2e/guesses.test.ts']
const POLL = 'apps/broker/src/stores/login-rules/decide-poll.ts'
const POLL_TESTS = ['apps/broker/src/stores/login-rules/decide-poll.test.ts']

export const DOOR: readonly Guard[] = [
  {
    id: 'open-mode-host',
    threats: ['T13'],
    file: OPEN_MODE,
    off: [[`if (host === undefined || !isLoopbackHost(HOST.exec(host)?.[1] ?? ''))`, 'if (host === undefined)']],
    tests: OPEN_MODE_TESTS,
  },
  {
    id: 'open-mode-origin',
    threats: ['T13'],
    file: OPEN_MODE,
    off: [['if (origin !== undefined && !corsOrigins.has(origin)', 'if (origin === host && !corsOrigins.has(host)']],
    tests: OPEN_MODE_TESTS,
  },
  {
    id: 'open-mode-content-type',
    threats: ['T13'],
    file: OPEN_MODE,
    off: [['if (hasBody && (contentType === undefined || !JSON_TYPE.test(contentType)))', 'if (hasBody && contentType === host)']],
    tests: OPEN_MODE_TESTS,
  },
  {
    id: 'cookie-attributes',
    threats: ['T13'],
    file: COOKIES,
    off: [['; Path=/; Secure; HttpOnly; SameSite=Lax', '; Path=/']],
    tests: COOKIE_TESTS,
  },
  {
    id: 'cookie-twice',
    threats: ['T13'],
    file: COOKIES,
    off: [['value && values.every(other => other === value) && VALUE', 'value && VALUE']],
    tests: COOKIE_TESTS,
  },
  {
    id: 'cookie-value',
    threats: ['T13'],
    file: COOKIES,
    off: [['if (!VALUE.test(value)) throw', 'if (value === name) throw']],
    tests: COOKIE_TESTS,
  },
  {
    id: 'login-bound-to-browser',
    threats: ['T13'],
    file: PENDING,
    off: [[`if (login.binding_hash !== bindingHash) return { outcome: 'otherBrowser' }\n`, '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'login-bound-to-issuer',
    threats: ['T13'],
    file: PENDING,
    off: [[`if (login.issuer !== issuer) return { outcome: 'otherIssuer' }\n`, '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'login-once',
    threats: ['T13'],
    file: PENDING,
    off: [
      [".set({ consumed_at: param('now'), coded: null })", ".set({ expires_at: param('now') })"],
      ['if (now >= login.expires_at)', 'if (now > login.expires_at)'],
    ],
    tests: LOGIN_STORE,
  },
  {
    id: 'session-replaced-at-login',
    threats: ['T13'],
    file: 'apps/broker/src/stores/sqlite/commands/login/sessions.ts',
    off: [['if (replaces !== undefined) end.run({ hash: replaces, now })\n', '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'session-idle',
    threats: ['T13'],
    file: 'apps/broker/src/stores/login-rules/standing.ts',
    off: [[`return now >= session.lastSeenAt + session.idleMs ? 'idle' : 'live'`, `return 'live'`]],
    tests: LOGIN_STORE,
  },
  {
    id: 'session-from-our-own-pages',
    threats: ['T13'],
    file: 'apps/broker/src/auth/rules/cross-site.ts',
    off: [[`if (SAFE.includes(method)) return true`, `if (SAFE.includes(method) || method !== '') return true`]],
    tests: ['apps/broker/test/login/sessions.test.ts'],
  },
  {
    id: 'user-codes-guessed-slowly',
    threats: ['T14'],
    file: 'apps/broker/src/config/rates-file.ts',
    off: [['failures: rate(FAILURES, 10, 10, MOST_FAILURES)', 'failures: rate(FAILURES, 10, 60, MOST_FAILURES)']],
    tests: LIMITS,
  },
  {
    id: 'user-codes-fair',
    threats: ['T14'],
    file: 'apps/broker/src/auth/tokens/user-code.ts',
    off: [['if (byte < FAIR_BYTES && code', 'if (code']],
    tests: ['apps/broker/src/auth/tokens/user-code.test.ts'],
  },
  {
    id: 'device-used-once',
    threats: ['T14'],
    file: POLL,
    off: [[`if (state === 'used' || state === 'denied')`, `if (state === 'denied')`]],
    tests: POLL_TESTS,
  },
  { id: 'device-expiry', threats: ['T14'], file: POLL, off: [['if (now >= expiresAt)', 'if (now < 0)']], tests: POLL_TESTS },
  {
    id: 'device-slowed-down',
    threats: ['T14'],
    file: POLL,
    off: [['const slower = intervalMs + SLOWER_MS', 'const slower = intervalMs']],
    tests: POLL_TESTS,
  },
  {
    id: 'early-polls-write-seldom',
    threats: ['T16'],
    file: POLL,
    off: [['if (intervalMs >= MOST_INTERVAL_MS) return', 'if (intervalMs < 0) return']],
    tests: POLL_TESTS,
  },
  {
    id: 'device-gets-no-more',
    threats: ['T14'],
    file: 'apps/broker/src/stores/sqlite/commands/login/devices.ts',
    off: [['exceeds({ ...principal, scopes: flow.scopes }, { scopes, project }) || ', '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'creates-limited',
    threats: ['T16'],
    file: 'apps/broker/src/api/door.ts',
    off: [['if (!isCreate) return', 'if (needed) return']],
    tests: DOOR_LIMITS,
  },
  {
    id: 'dear-requests-in-turn',
    threats: ['T16'],
    file: 'apps/broker/src/api/body-reader.ts',
    off: [['const isDear = turns !== undefined &&', 'const isDear = turns !== undefined && bodyBytes < 0 &&']],
    tests: DEAR_TURNS,
  },
  {
    id: 'dear-by-what-it-takes',
    threats: ['T16'],
    file: 'apps/broker/src/api/body-reader.ts',
    off: [['dryRun: 4 * 1024', 'dryRun: 64 * 1024']],
    tests: DEAR_TURNS,
  },
  {
    id: 'parsed-in-turn',
    threats: ['T16'],
    file: 'apps/broker/src/api/body-reader.ts',
    off: [
      [
        'if (isDear) inTurn(turns, request, response, parse).catch(next)',
        `if (isDear)
        parseCollected(request, response, wrong => {
          if (wrong !== undefined) next(wrong)
          else inTurn(turns, request, response, next).catch(next)
        })`,
      ],
    ],
    tests: DEAR_TURNS,
  },
  {
    id: 'bodies-of-bounded-structure',
    threats: ['T16'],
    file: 'packages/tes/src/server/json-body.ts',
    off: [['if (excess !== undefined) return next(tooMuch(excess))', '']],
    tests: ['packages/tes/src/server/bad-input.test.ts'],
  },
  {
    id: 'bodies-of-bounded-names',
    threats: ['T16'],
    file: 'packages/tes/src/server/json-bounds.ts',
    off: [["if (beginnings > bounds.beginnings) return 'beginnings'", '']],
    tests: ['packages/tes/src/server/bad-input.test.ts'],
  },
  {
    id: 'busy-one-at-a-time',
    threats: ['T16'],
    file: 'apps/broker/src/auth/limits/dear-turns.ts',
    off: [['await rest()', 'await undefined']],
    tests: ['apps/broker/src/auth/limits/dear-turns.test.ts'],
  },
  {
    id: 'busy-by-persons-in-turn',
    threats: ['T16'],
    file: 'apps/broker/src/auth/limits/dear-turns.ts',
    off: [['const key = keyOf(person)\n      const done', "const key = keyOf({ ...person, subject: '' })\n      const done"]],
    tests: ['apps/broker/src/auth/limits/dear-turns.test.ts'],
  },
  {
    id: 'bodies-for-some-project',
    threats: ['T16'],
    file: 'apps/broker/src/api/body-reader.ts',
    off: [['if (!isSmall) demandProject(principalOf(request))', '']],
    tests: DEAR_TURNS,
  },
  {
    id: 'packed-bodies-refused',
    threats: ['T16'],
    file: 'packages/tes/src/server/json-body.ts',
    off: [['inflate: false', 'inflate: true']],
    tests: ['packages/tes/src/server/bad-input.test.ts'],
  },
  {
    id: 'turn-until-settled',
    threats: ['T16'],
    file: 'apps/broker/src/api/body-reader.ts',
    off: [['if (work) await Promise.allSettled([work]).then(end)\n  else ', '']],
    tests: ['apps/broker/src/api/body-reader.test.ts'],
  },
  {
    id: 'headers-in-time',
    threats: ['T16'],
    file: 'apps/broker/src/api/server.ts',
    off: [['headersTimeout: patience.headersMs', 'headersTimeout: 0']],
    tests: SLOW_CLIENTS,
  },
  {
    id: 'requests-in-time',
    threats: ['T16'],
    file: 'apps/broker/src/api/body-watch.ts',
    off: [['else if (tookMs >= requestMs) cut', 'else if (tookMs < 0) cut']],
    tests: SLOW_CLIENTS,
  },
  {
    id: 'large-creates-cost-more',
    threats: ['T16'],
    file: 'apps/broker/src/api/door.ts',
    off: [['1 + Math.floor(bytes / BYTES_A_TOKEN)', 'Math.min(1, 1 + bytes)']],
    tests: DOOR_LIMITS,
  },
  {
    id: 'bodies-that-stand-still',
    threats: ['T16'],
    file: 'apps/broker/src/api/body-watch.ts',
    off: [['ownPace || bytesRead > seen', 'ownPace || bytesRead >= seen']],
    tests: SLOW_CLIENTS,
  },
  {
    id: 'bodies-of-a-person-bounded',
    threats: ['T16'],
    file: BODY_BUDGET,
    off: [['return ofPerson().due + bytes > personBytes ? refuse() : take(bytes, 0)', 'return take(bytes, 0)']],
    tests: BODIES,
  },
  {
    id: 'bodies-of-all-bounded',
    threats: ['T16'],
    file: BODY_BUDGET,
    off: [[' || come + bytes > Math.max(half, little)', ' || half + little === Infinity']],
    tests: BODIES,
  },
  {
    id: 'bodies-leave-some-to-others',
    threats: ['T16'],
    file: BODY_BUDGET,
    off: [['(allBytes - keptBytes - others) / 2', '(allBytes - keptBytes - others)']],
    tests: BODIES,
  },
  {
    id: 'bodies-keep-some-for-others',
    threats: ['T16'],
    file: BODY_BUDGET,
    off: [['(allBytes - keptBytes - others) / 2', '(allBytes - others) / 2']],
    tests: BODIES,
  },
  {
    id: 'bodies-announced-take-nothing-of-others',
    threats: ['T16'],
    file: BODY_BUDGET,
    off: [['take(bytes, 0)', 'take(bytes, bytes)']],
    tests: BODIES,
  },
  {
    id: 'bodies-counted-as-they-come',
    threats: ['T16'],
    file: 'apps/broker/src/api/body-reader.ts',
    off: [['      watch(request, response, share, isCreate)\n', '']],
    tests: BODIES,
  },
  {
    id: 'networks-of-one-subscriber',
    threats: ['T16'],
    file: 'apps/broker/src/auth/limits/door-rules.ts',
    off: [['OF_NETWORKS.includes(act) ?', "act === 'poll' ?"]],
    tests: ['apps/broker/src/auth/limits/limits.test.ts'],
  },
  {
    id: 'neighbours-of-a-home',
    threats: ['T16'],
    file: 'apps/broker/src/auth/limits/door-rules.ts',
    off: [['const HOME_FACTOR = 2', 'const HOME_FACTOR = 5']],
    tests: ['apps/broker/src/auth/limits/door-limits.test.ts'],
  },
  {
    id: 'lists-of-proxies-from-their-end',
    threats: ['T16'],
    file: 'apps/broker/src/auth/limits/client-address.ts',
    off: [['forwardedFor.slice(-MOST_CHARACTERS)', 'forwardedFor.slice(0, MOST_CHARACTERS)']],
    tests: LIMITS,
  },
  {
    id: 'wrong-credentials-counted',
    threats: ['T16'],
    file: 'apps/broker/src/api/door.ts',
    off: [['if (!isGuess(answer)) throw', 'if (isGuess(answer)) throw']],
    tests: DOOR_LIMITS,
  },
  {
    id: 'unknown-tokens-asked-about-seldom',
    threats: ['T16'],
    file: 'apps/broker/src/auth/foreign-tokens.ts',
    off: [["if (turn.outcome === 'refused') return", "if (turn.outcome !== 'admitted' && address === '') return"]],
    tests: GUESSES,
  },
  {
    id: 'unknown-tokens-wait-their-turn',
    threats: ['T16'],
    file: 'apps/broker/src/auth/limits/ask-turns.ts',
    off: [['const MOST_OF_ADDRESS = 64', 'const MOST_OF_ADDRESS = 0']],
    tests: ['apps/broker/src/auth/limits/ask-turns.test.ts'],
  },
  {
    id: 'refresh-counts-for-its-person',
    threats: ['T16'],
    file: 'apps/broker/src/api/oauth-routes.ts',
    off: [['await limits.spendRefresh(person)', 'await limits.spendLogin(exchangeOf(request).address)']],
    tests: GUESSES,
  },
  {
    id: 'greedy-use-nothing-shared',
    threats: ['T16'],
    file: 'apps/broker/src/bus/rate-buckets-memory.ts',
    off: [['if (delayMs > 0) return', 'if (delayMs > 0 && key === uses.at(-1)?.key) return']],
    tests: ['apps/broker/src/auth/limits/door-limits.test.ts'],
  },
  {
    id: 'buckets-empty',
    threats: ['T16'],
    file: 'apps/broker/src/auth/limits/token-bucket.ts',
    off: [['if (filled.level >= cost) return', 'if (filled.level >= -1e9) return']],
    tests: LIMITS,
  },
  {
    id: 'proxies-believed-by-name',
    threats: ['T16'],
    file: 'apps/broker/src/auth/limits/client-address.ts',
    off: [[' || !trust.connected(address)) return address', ') return address']],
    tests: LIMITS,
  },
  {
    id: 'one-bucket-for-a-translated-address',
    threats: ['T16'],
    file: 'apps/broker/src/auth/limits/client-address.ts',
    off: [['(translatedAddress(bare) ?? `', '(translatedAddress(address.slice(0, 0)) ?? `']],
    tests: LIMITS,
  },
  {
    id: 'one-bucket-for-64-bits',
    threats: ['T16'],
    file: 'apps/broker/src/auth/limits/client-address.ts',
    off: [['return isIPv4(bare) ? bare : (', 'return bare || (']],
    tests: LIMITS,
  },
  {
    id: 'live-tokens-bounded',
    threats: ['T16'],
    file: 'apps/broker/src/stores/sqlite/commands/login/tokens.ts',
    off: [["?.count ?? 0) >= most) return { outcome: 'tooMany' }", "?.count ?? 0) < 0) return { outcome: 'tooMany' }"]],
    tests: LOGIN_STORE,
  },
  {
    id: 'begun-logins-bounded',
    threats: ['T16'],
    file: 'apps/broker/src/stores/sqlite/commands/login/drop-oldest.ts',
    off: [['limit -1 offset', 'limit 0 offset']],
    tests: LOGIN_STORE,
  },
  {
    id: 'owners-in-turn',
    threats: ['T16'],
    file: 'apps/broker/src/reconcile/fair-order.ts',
    off: [['.toSorted((a, b) => a.turn - b.turn || a.last', '.toSorted((a, b) => a.last']],
    tests: ['apps/broker/src/reconcile/fair-order.test.ts'],
  },
]
