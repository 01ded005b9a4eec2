import type { Claims } from '@portolan/identity'
import { expect, it } from 'vitest'
import { toPersonClaims } from './person-claims.ts'

const CLAIMS: Claims = {
  name: undefined,
  email: undefined,
  entitlements: [],
  groups: [],
  assurance: [],
  affiliations: [],
  acr: undefined,
  upstream: undefined,
  passport: [],
  ignored: [],
}

it.each([
  ['Ada Lovelace', 'Ada Lovelace'],
  ['x'.repeat(200), 'x'.repeat(200)],
  ['x'.repeat(100_000), `${'x'.repeat(199)}…`],
  [`${'x'.repeat(198)}\u{1f600}\u{1f600}`, `${'x'.repeat(198)}\ufffd…`],
])('a name and an address of a person are kept as far as pages show them', (text, kept) => {
  expect(toPersonClaims({ ...CLAIMS, name: text, email: text })).toMatchObject({ name: kept, email: kept })
})
