import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPerson, isSamePerson, parseEntitlement, parsePerson } from './index.ts'

const LS = 'https://login.aai.lifescience-ri.eu/oidc/'
const person = (subject: string, issuer = LS) => ({ ok: true, person: { issuer, subject } })

describe('the name of a person', () => {
  it.each([
    [`0a1b@lifescience-ri.eu@${LS}`, person('0a1b@lifescience-ri.eu')],
    [`a@b@c@${LS}`, person('a@b@c')],
    [`x@https://other.example.org@${LS}`, person('x@https://other.example.org')],
    ['ann@http://127.0.0.1:8081/realms/site', person('ann', 'http://127.0.0.1:8081/realms/site')],
  ])('%s', (text, expected) => {
    expect(parsePerson(text)).toEqual(expected)
  })

  it.each(['', 'ann', 'ann@', '@https://x.org', 'ann@example.org', 'ann@ftp://x.org', 'ann@https://x.org?a', 'a\nb@https://x.org'])(
    '%j is none',
    text => {
      expect(parsePerson(text).ok).toBe(false)
    },
  )

  it('counts only letter by letter', () => {
    const ann = { issuer: LS, subject: 'ann' }
    expect(isSamePerson(ann, { ...ann })).toBe(true)
    expect(isSamePerson(ann, { ...ann, subject: 'Ann' })).toBe(false)
    expect(isSamePerson(ann, { ...ann, issuer: LS.slice(0, -1) })).toBe(false)
  })

  it('can be read in one way only, and never as an entitlement', () => {
    const subjects = fc.oneof(
      fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }).filter(text => !/\p{Cc}/u.test(text)),
      fc.constantFrom('urn:geant:x.eu:group:a#aai', 'a@b', '@', `x@${LS}`),
    )
    fc.assert(
      fc.property(
        subjects,
        fc.webUrl({ validSchemes: ['https'] }).filter(url => !url.includes('@')),
        (subject, issuer) => {
          const text = formatPerson({ issuer, subject })
          expect(parsePerson(text)).toEqual(person(subject, issuer))
          expect(parseEntitlement(text).ok).toBe(false)
        },
      ),
    )
  })
})
