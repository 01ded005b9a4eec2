import { describe, expect, it } from 'vitest'
import { refuseWay } from './way-to-log-in.ts'

const MFA = 'https://refeds.org/profile/mfa'
const rules = { name: 'LS', acrValues: [MFA] }
const refused = (was: string): string => `LS ${was}, and here only ${MFA} counts. Log in again in that way.`

describe('the way to log in', () => {
  it.each([
    [MFA, undefined],
    [undefined, refused('does not say how you logged in')],
    ['https://refeds.org/profile/sfa', refused('says that you logged in by "https://refeds.org/profile/sfa"')],
    ['1', refused('says that you logged in by "1"')],
    ['whatever a login may write there', refused('says that you logged in in another way')],
  ])('of an ID token with acr %j: %s', (acr, says) => {
    expect(refuseWay(acr, rules)).toBe(says)
  })

  it('does not matter where none is asked for', () => {
    expect(refuseWay(undefined, { name: 'LS', acrValues: [] })).toBeUndefined()
  })
})
