import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hideTokens } from './hide-tokens.ts'

const PERSONAL = 'portolan_pat_4Qw8ErTyUiOpAsDfGhJkLzXcVbNm0123456789qWeRtYuIoPaSdFg'
const JWT = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from('{"sub":"canary"}').toString('base64url')}.c2lnbmF0dXJl`

describe('a text without its tokens', () => {
  const rows: readonly [string, string, string][] = [
    ['a personal token', `The token ${PERSONAL} is odd.`, 'The token portolan_pat_[hidden] is odd.'],
    ['a refresh token in quotes', `"portolan_rt_${'a'.repeat(49)}"`, '"portolan_rt_[hidden]"'],
    ['a device code in a query', `?code=portolan_dc_${'a'.repeat(49)}&x=y`, '?code=portolan_dc_[hidden]&x=y'],
    ['a session in a cookie', `__Host-portolan_session=portolan_sid_${'a'.repeat(49)};`, '__Host-portolan_session=portolan_sid_[hidden];'],
    ['a token cut off', PERSONAL.slice(0, 20), 'portolan_pat_[hidden]'],
    ['two tokens', `${PERSONAL} ${PERSONAL}`, 'portolan_pat_[hidden] portolan_pat_[hidden]'],
    ['a JSON web token', `Bearer ${JWT}, sent`, 'Bearer [hidden], sent'],
    ['a JSON web token behind a word', `jwt_${JWT}`, 'jwt_[hidden]'],
    ['a JSON web token behind dots', `x.eyJ.${JWT}`, 'x.eyJ.[hidden]'],
    ['a JSON web token without a signature', JWT.slice(0, JWT.lastIndexOf('.') + 1), '[hidden]'],
    ['an encrypted JSON web token', `${JWT}.a.b`, '[hidden]'],
  ]
  it.each(rows)('has no longer %s', (_, text, expected) => {
    expect(hideTokens(text)).toBe(expected)
  })

  it.each([
    'it begins with portolan_pat_.',
    'the tag portolan_project',
    'portolan_pat_abc',
    'a-long-host-name.example.org/eyJ.txt',
    'eyJhbGciOiJFUzI1NiJ9',
    '',
  ])('is still %j', text => {
    expect(hideTokens(text)).toBe(text)
  })

  it('holds no token, whatever stands around it', () => {
    const around = fc.string({ unit: 'binary', maxLength: 40 })
    fc.assert(
      fc.property(around, around, fc.constantFrom(PERSONAL, JWT), (before, after, token) => {
        expect(hideTokens(before + token + after)).not.toContain(token.slice(-30))
      }),
    )
  })

  it('comes soon, however the text was made to be slow', () => {
    for (const piece of ['eyJ', 'eyJ.', '-eyJ-', 'a', 'a.', 'portolan_pat_']) {
      expect(hideTokens(piece.repeat(200_000)).length).toBeGreaterThan(0)
    }
  })
})
