import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clearCookie, LOGIN_COOKIE, readCookie, SESSION_COOKIE, setCookie } from './cookies.ts'
import { makeToken } from './opaque-token.ts'
import { seededRandom } from './random-source.fixture.ts'

const { text } = makeToken('session', seededRandom(1))

describe('T13 a cookie', () => {
  it('is bound to the host, secure, and out of reach of scripts', () => {
    expect(setCookie(SESSION_COOKIE, text)).toBe(`__Host-portolan_session=${text}; Path=/; Secure; HttpOnly; SameSite=Lax`)
    expect(setCookie(LOGIN_COOKIE, text, 600.5)).toBe(`__Host-portolan_login=${text}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600`)
    expect(clearCookie(SESSION_COOKIE)).toBe('__Host-portolan_session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0')
  })

  it.each(['a;b', 'a b', 'a\r\nSet-Cookie: x=y', 'a,b', 'ä'])('never carries %j', value => {
    expect(() => setCookie(SESSION_COOKIE, value)).toThrow(RangeError)
  })

  const rows: readonly [string, string | undefined, string | undefined][] = [
    ['alone', `${SESSION_COOKIE}=${text}`, text],
    ['among others', `a=b; ${SESSION_COOKIE}=${text};c=d`, text],
    ['twice and equal', `${SESSION_COOKIE}=${text}; ${SESSION_COOKIE}=${text}`, text],
    ['in no header', undefined, undefined],
    ['not there', 'a=b', undefined],
    ['empty', `${SESSION_COOKIE}=`, undefined],
    ['twice and different', `${SESSION_COOKIE}=${text}; ${SESSION_COOKIE}=planted`, undefined],
    ['of a name that ends alike', `x${SESSION_COOKIE}=${text}`, undefined],
    ['of a name in another case', `${SESSION_COOKIE.toLowerCase()}=${text}`, undefined],
    ['in quotes', `${SESSION_COOKIE}="${text}"`, undefined],
    ['in a header that is too long', `${SESSION_COOKIE}=${text}; a=${'b'.repeat(20_000)}`, undefined],
  ]
  it.each(rows)('%s is read', (_, header, expected) => {
    expect(readCookie(header, SESSION_COOKIE)).toBe(expected)
  })

  it('is read back as it was set, and no header makes the reader fail', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), header => {
        expect(readCookie(header, SESSION_COOKIE) ?? '').toMatch(/^[\w.-]*$/)
        const set = setCookie(SESSION_COOKIE, text).split(';', 1)[0] ?? ''
        expect(readCookie(`${header.replaceAll(SESSION_COOKIE, '')};${set}`, SESSION_COOKIE)).toBe(text)
      }),
    )
  })
})
