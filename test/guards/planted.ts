/**
 * Guards that are none, planted to show that the harness tells them from good ones.
 */
import type { Guard } from './guard.ts'

const FILE = 'packages/identity/src/read-token.ts'

function plant(id: string, file: string, from: string, to: string): Guard {
  return { id, threats: ['T01'], file, off: [[from, to]], tests: ['packages/identity/test/token-verifier.test.ts'] }
}

export const PLANTED: readonly { readonly guard: Guard; readonly shows: 'unnoticed' | 'broken' | 'lost' }[] = [
  {
    guard: plant('without-effect', FILE, 'if (!BEARER.test(token)) return malformed()', 'if (!BEARER.test(token)) return (malformed)()'),
    shows: 'unnoticed',
  },
  {
    guard: plant(
      'noticed-by-another-row',
      'packages/identity/src/judge-token.ts',
      `fails: claims => 'cnf' in claims`,
      'fails: () => false',
    ),
    shows: 'unnoticed',
  },
  { guard: plant('without-its-file', FILE, `from './verification.ts'`, `from './nowhere.ts'`), shows: 'broken' },
  { guard: plant('written-anew', FILE, 'if (!BEARER.test(token)) throw', ''), shows: 'lost' },
]
