/**
 * Guards of what is presented at the door as a proof: tokens of logins (rows 1 and 2), our own tokens (row 2), keys that change (row 19).
 */
import type { Guard } from '../guard.ts'

const VERIFIER = 'packages/identity/src/token-verifier.ts'
const READ = 'packages/identity/src/read-token.ts'
const JUDGE = 'packages/identity/src/judge-token.ts'
const TESTS = ['packages/identity/test/token-verifier.test.ts']
const ACCESS = 'apps/broker/src/auth/tokens/access-token.ts'
const ACCESS_TESTS = ['apps/broker/src/auth/tokens/access-token.test.ts']
const KNOWN = 'apps/broker/src/auth/tokens/known-tokens.ts'
const KNOWN_TESTS = ['apps/broker/src/auth/tokens/known-tokens.test.ts']
const REFRESH = 'apps/broker/src/stores/login-rules/decide-refresh.ts'
const REFRESH_TESTS = ['apps/broker/src/stores/login-rules/decide-refresh.test.ts']
const OWN_TOKENS = 'apps/broker/src/auth/own-tokens.ts'
const ENDED_TESTS = ['apps/broker/test/login/known-tokens.test.ts']
const STANDING = 'apps/broker/src/stores/login-rules/standing.ts'
const LOGIN_STORE = ['apps/broker/src/stores/sqlite-login-store.test.ts']
const ROTATION = ['packages/identity/test/rotation.test.ts']

export const TOKENS: readonly Guard[] = [
  {
    id: 'way-counts-for-who-is-in',
    threats: ['T01'],
    file: 'apps/broker/src/auth/people.ts',
    off: [[' || refuseWay(claims.acr, rule.issuer) !== undefined', '']],
    tests: ['apps/broker/src/auth/people.test.ts'],
  },
  {
    id: 'issuers-listed',
    threats: ['T01'],
    file: VERIFIER,
    off: [['const login = logins.get(read.issuer)\n', 'const login = logins.get(read.issuer) ?? [...logins.values()][0]\n']],
    tests: TESTS,
  },
  {
    id: 'issuer-to-the-letter',
    threats: ['T01'],
    file: VERIFIER,
    off: [['const login = logins.get(read.issuer)\n', 'const login = logins.get(read.issuer) ?? logins.get(read.issuer.concat("/"))\n']],
    tests: TESTS,
  },
  {
    id: 'login-names-itself',
    threats: ['T01'],
    file: 'packages/identity/src/discovery.ts',
    off: [['if (named !== issuer)', 'if (named === undefined)']],
    tests: TESTS,
  },
  {
    id: 'signature-of-the-login',
    threats: ['T01'],
    file: VERIFIER,
    off: [
      [
        'const { payload } = await compactVerify(token, key, { algorithms: [...algorithms] })',
        `const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url')`,
      ],
    ],
    tests: TESTS,
  },
  {
    id: 'algorithms',
    threats: ['T01'],
    file: READ,
    off: [['if (!algorithms.includes(header.alg as Algorithm))', 'if (header.alg === undefined)']],
    tests: TESTS,
  },
  {
    id: 'critical-header',
    threats: ['T01'],
    file: READ,
    off: [[`if ('crit' in header || 'b64' in header)`, `if ('b64' in header)`]],
    tests: TESTS,
  },
  {
    id: 'one-spelling',
    threats: ['T01'],
    file: READ,
    off: [[' || !parts.every(isCanonical)', '']],
    tests: ['packages/identity/test/token-verifier.fuzz.test.ts'],
  },
  {
    id: 'audience',
    threats: ['T02'],
    file: JUDGE,
    off: [['fails: (claims, issuer) => !isForUs(claims, issuer)', 'fails: (claims, issuer) => !isForUs(claims, issuer) && claims.exp < 0']],
    tests: TESTS,
  },
  {
    id: 'authorised-party',
    threats: ['T02'],
    file: JUDGE,
    off: [['return client !== undefined && clients.includes(client) &&', 'return client !== undefined && clients.length > 0 &&']],
    tests: TESTS,
  },
  {
    id: 'foreign-audience',
    threats: ['T02'],
    file: JUDGE,
    off: [[' && !aud.some(audience => foreignAudiences.includes(audience))', '']],
    tests: TESTS,
  },
  {
    id: 'token-type',
    threats: ['T02'],
    file: JUDGE,
    off: [['fails: isOtherToken,', 'fails: claims => isOtherToken(claims) && claims.exp < 0,']],
    tests: TESTS,
  },
  {
    id: 'purpose-shown',
    threats: ['T02'],
    file: JUDGE,
    off: [["if (typeOf(typ) === 'at+jwt' || claims.typ === 'Bearer') return undefined", 'if (claims.exp > 0) return undefined']],
    tests: TESTS,
  },
  {
    id: 'nonce-is-of-id-tokens',
    threats: ['T02'],
    file: JUDGE,
    off: [["return isShown && !('nonce' in claims) ?", 'return isShown ?']],
    tests: TESTS,
  },
  {
    id: 'opaque-token-is-an-access-token',
    threats: ['T02'],
    file: 'packages/identity/src/token-verifier.ts',
    off: [['if (isNew && !asked.isBearer)', 'if (isNew && asked.claims.exp < 0)']],
    tests: TESTS,
  },
  {
    id: 'header-type',
    threats: ['T02'],
    file: READ,
    off: [['if (type === undefined || !tokenTypes.includes(type))', 'if (type !== undefined && !tokenTypes.includes(type))']],
    tests: TESTS,
  },
  { id: 'key-bound', threats: ['T02'], file: JUDGE, off: [[`fails: claims => 'cnf' in claims`, 'fails: () => false']], tests: TESTS },
  {
    id: 'expiry',
    threats: ['T02'],
    file: JUDGE,
    off: [['fails: ({ exp }, _, now) => exp * 1000 + TOLERANCE_MS <= now', 'fails: () => false']],
    tests: TESTS,
  },
  {
    id: 'not-before',
    threats: ['T02'],
    file: JUDGE,
    off: [['fails: ({ nbf = 0, iat = 0 }, _, now) => Math.max(nbf, iat) * 1000 > now + TOLERANCE_MS', 'fails: () => false']],
    tests: TESTS,
  },
  {
    id: 'introspection-active',
    threats: ['T02'],
    file: 'packages/identity/src/introspection.ts',
    off: [['if (!state.data.active || (state', 'if ((state']],
    tests: TESTS,
  },
  {
    id: 'introspection-issuer',
    threats: ['T02'],
    file: 'packages/identity/src/introspection.ts',
    off: [[' || (state.data.iss !== undefined && state.data.iss !== issuer)', '']],
    tests: TESTS,
  },
  {
    id: 'userinfo-of-the-same-person',
    threats: ['T02'],
    file: 'packages/identity/src/userinfo.ts',
    off: [['return parsed.success && parsed.data.sub === subject', 'return parsed.success && subject !== undefined']],
    tests: ['packages/identity/test/login-trouble.test.ts'],
  },
  { id: 'own-audience', threats: ['T02'], file: ACCESS, off: [['      audience: issuer,\n', '']], tests: ACCESS_TESTS },
  { id: 'own-issuer', threats: ['T02'], file: ACCESS, off: [['      issuer,\n      audience', '      audience']], tests: ACCESS_TESTS },
  { id: 'own-token-type', threats: ['T02'], file: ACCESS, off: [['      typ: TYPE,\n', '']], tests: ACCESS_TESTS },
  {
    id: 'own-token-life',
    threats: ['T02'],
    file: ACCESS,
    off: [['if (exp - iat > LONGEST_ACCESS_MS / 1000)', 'if (exp < iat)']],
    tests: ACCESS_TESTS,
  },
  {
    id: 'own-token-person',
    threats: ['T02'],
    file: ACCESS,
    off: [['if (sub !== subjectOf(person))', 'if (sub === undefined)']],
    tests: ACCESS_TESTS,
  },
  {
    id: 'known-no-longer-than-valid',
    threats: ['T02'],
    file: KNOWN,
    off: [['until: Math.min(expiresAt, now + ttlMs)', 'until: now + ttlMs']],
    tests: KNOWN_TESTS,
  },
  {
    id: 'known-until-revoked',
    threats: ['T02'],
    file: KNOWN,
    off: [['if (entry && concerns(entry.known)) table[place] = undefined', 'if (entry) concerns(entry.known)']],
    tests: KNOWN_TESTS,
  },
  { id: 'known-by-a-late-answer', threats: ['T02'], file: KNOWN, off: [['if (mark !== forgotten) return\n', '']], tests: KNOWN_TESTS },
  {
    id: 'refresh-reuse',
    threats: ['T02'],
    file: REFRESH,
    off: [
      [
        `return answerMayBeLost && !token.usedAgain ? { action: 'rotateAgain' } : { action: 'end', why: 'reuse' }`,
        `return { action: 'rotateAgain' }`,
      ],
    ],
    tests: REFRESH_TESTS,
  },
  {
    id: 'refresh-once-more-once',
    threats: ['T02'],
    file: REFRESH,
    off: [['return answerMayBeLost && !token.usedAgain ?', 'return answerMayBeLost ?']],
    tests: REFRESH_TESTS,
  },
  {
    id: 'refresh-client',
    threats: ['T02'],
    file: REFRESH,
    off: [['if (client !== family.client)', 'if (client === undefined)']],
    tests: REFRESH_TESTS,
  },
  { id: 'refresh-expiry', threats: ['T02'], file: REFRESH, off: [['if (now >= family.expiresAt)', 'if (now < 0)']], tests: REFRESH_TESTS },
  {
    id: 'revoked-token',
    threats: ['T02'],
    file: STANDING,
    off: [[`if (token.revokedAt !== undefined) return 'revoked'\n`, '']],
    tests: LOGIN_STORE,
  },
  {
    id: 'expired-token',
    threats: ['T02'],
    file: STANDING,
    off: [[`return now >= token.expiresAt ? 'expired' : 'live'`, `return 'live'`]],
    tests: LOGIN_STORE,
  },
  {
    id: 'revoked-at-the-door',
    threats: ['T02'],
    file: OWN_TOKENS,
    off: [[`if (standing !== 'live') return refuse(standing, ENDED[standing])\n`, '']],
    tests: ENDED_TESTS,
  },
  {
    id: 'access-ends-with-its-family',
    threats: ['T02'],
    file: OWN_TOKENS,
    off: [['if (family === undefined || family.endedAt !== undefined || family.expiresAt <= now())', 'if (family === undefined)']],
    tests: ENDED_TESTS,
  },
  {
    id: 'revocation-is-told-to-the-door',
    threats: ['T02'],
    file: 'apps/broker/src/auth/known-credentials.ts',
    off: [['token: id => known.forget(({ tokenId }) => tokenId === id)', 'token: () => undefined']],
    tests: ENDED_TESTS,
  },
  {
    id: 'audiences-of-sites',
    threats: ['T02'],
    file: 'apps/broker/src/auth/issuers/issuer-options.ts',
    off: [['    foreignAudiences: issuer.foreignAudiences,\n', '']],
    tests: ['apps/broker/test/login/token-faults.test.ts'],
  },
  {
    id: 'keys-asked-for-seldom',
    threats: ['T19'],
    file: 'packages/identity/src/kept-document.ts',
    off: [['return pauseLeftMs() > 0 ? undefined : await ask()', 'return await ask()']],
    tests: ROTATION,
  },
  {
    id: 'keys-asked-for-once',
    threats: ['T19'],
    file: 'packages/identity/src/kept-document.ts',
    off: [['onTheWay ??= askOnce().finally(() => {', 'onTheWay = askOnce().finally(() => {']],
    tests: ROTATION,
  },
  {
    id: 'keys-on-their-way',
    threats: ['T19'],
    file: 'packages/identity/src/key-set.ts',
    off: [['if (askedAt >= shownAt || (', 'if (askedAt >= 0 || (']],
    tests: ROTATION,
  },
  {
    id: 'keys-kept-while-silent',
    threats: ['T19'],
    file: 'packages/identity/src/kept-document.ts',
    off: [['return age < freshMs + staleMs ? kept : undefined', 'return age < freshMs ? kept : undefined']],
    tests: ROTATION,
  },
  {
    id: 'own-keys-overlap',
    threats: ['T19'],
    file: 'apps/broker/src/auth/tokens/signing-keys.ts',
    off: [['return keys.slice(Math.max(relieved, 0))', 'return keys.slice(-1)']],
    tests: [...ACCESS_TESTS, 'apps/broker/src/auth/tokens/signing-keys.test.ts'],
  },
  {
    id: 'own-keys-announced',
    threats: ['T19'],
    file: 'apps/broker/src/auth/tokens/signing-keys.ts',
    off: [['key.createdAt + ANNOUNCE_MS', 'key.createdAt']],
    tests: ['apps/broker/src/auth/tokens/signing-keys.test.ts'],
  },
  {
    id: 'own-keys-published',
    threats: ['T19'],
    file: 'apps/broker/src/auth/open-login.ts',
    off: [['await signingKeys.newest(now())', 'signingKeys.current(now())']],
    tests: ['test/e2e/key-rotation.test.ts'],
  },
  {
    id: 'own-keys-read-seldom',
    threats: ['T19'],
    file: 'apps/broker/src/stores/signing-key-source.ts',
    off: [['Math.abs(at - readAt) >= pauseMs', 'pauseMs > 0']],
    tests: ['apps/broker/src/stores/signing-key-source.test.ts'],
  },
]
