/**
 * Guards of what people make and keep: personal tokens (rows 3 and 4), and the login on their own machine (row 10).
 */
import type { Guard } from '../guard.ts'

const NEW_TOKEN = 'apps/broker/src/auth/rules/new-token.ts'
const NEW_TOKEN_TESTS = ['apps/broker/src/auth/rules/new-token.test.ts']
const STORED_LOGIN = ['apps/cli/test/stored-login.test.ts']

export const ACCOUNTS: readonly Guard[] = [
  {
    id: 'token-scopes-of-its-maker',
    threats: ['T04'],
    file: NEW_TOKEN,
    off: [
      [
        'const held = principal.scopes.filter(scope => grantable.includes(scope))',
        "const held: readonly Scope[] = ['read', 'write', 'admin']",
      ],
    ],
    tests: NEW_TOKEN_TESTS,
  },
  {
    id: 'personal-tokens-make-none',
    threats: ['T04'],
    file: NEW_TOKEN,
    off: [["['access', 'session']", "['access', 'session', 'personal']"]],
    tests: NEW_TOKEN_TESTS,
  },
  {
    id: 'personal-tokens-end-themselves',
    threats: ['T03'],
    file: 'apps/broker/src/api/account-routes.ts',
    off: [["principal.credential?.kind === 'personal' &&", "principal.credential?.id === '' &&"]],
    tests: ['apps/broker/src/api/account-routes.test.ts'],
  },
  {
    id: 'tokens-of-a-login-end-nothing',
    threats: ['T03'],
    file: 'apps/broker/src/api/account-routes.ts',
    off: [["principal.credential?.kind === 'foreign'", "principal.credential?.id === '' && principal.credential.kind === 'foreign'"]],
    tests: ['apps/broker/src/api/account-routes.test.ts'],
  },
  {
    id: 'tokens-of-a-login-make-none',
    threats: ['T04'],
    file: NEW_TOKEN,
    off: [["['access', 'session']", "['access', 'session', 'foreign']"]],
    tests: NEW_TOKEN_TESTS,
  },
  {
    id: 'pages-of-tokens-signed',
    threats: ['T03'],
    file: 'apps/broker/src/api/place-token.ts',
    off: [['if (!timingSafeEqual(', 'if (place === "" && !timingSafeEqual(']],
    tests: ['apps/broker/src/api/account-routes.test.ts'],
  },
  {
    id: 'stored-token-of-its-origin',
    threats: ['T10'],
    file: 'apps/cli/src/login/credential-file.ts',
    off: [['find(({ server }) => server === root)', 'find(() => true)']],
    tests: STORED_LOGIN,
  },
  {
    id: 'stored-token-of-its-broker',
    threats: ['T10'],
    file: 'apps/cli/src/login/credential-file.ts',
    off: [['find(({ server }) => server === root)', 'find(({ server }) => new URL(server).origin === new URL(root).origin)']],
    tests: STORED_LOGIN,
  },
  {
    id: 'stored-token-read-by-its-owner',
    threats: ['T10'],
    file: 'apps/cli/src/login/credential-file.ts',
    off: [['if ((mode & OTHERS) !== 0) throw', 'if ((mode & OTHERS) < 0) throw']],
    tests: STORED_LOGIN,
  },
]
