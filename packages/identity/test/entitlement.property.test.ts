import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entitlement, parseEntitlement, pinAuthorities, satisfies } from '../src/index.ts'

const RUNS = { numRuns: 2000 }
const AAI = 'aai.example.org'
const authorities = pinAuthorities([AAI])

/** Few letters, so that paths meet; with the ones that mislead. */
const segment = fc.oneof(
  fc.constantFrom('a', 'b', 'A', 'ab', 'group', 'a%3Ab', 'a%3ab', 'a-b', 'r%C3%A4'),
  fc.stringMatching(/^[a-z]{1,3}$/),
)
const entitlement = fc
  .record({
    namespace: fc.constantFrom('urn:geant:x.eu', 'URN:Geant:X.eu', 'urn:geant:x.eu:sub', 'urn:nid:y.eu'),
    path: fc.array(segment, { minLength: 1, maxLength: 4 }),
    role: fc.option(fc.constantFrom('chair', 'member'), { nil: undefined }),
    authority: fc.constantFrom(AAI, AAI, AAI, 'evil.example.org', undefined),
  })
  .map(({ namespace, path, role, authority }) =>
    read(`${namespace}:group:${path.join(':')}${role ? `:role=${role}` : ''}${authority ? `#${authority}` : ''}`),
  )
const hostile = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.stringMatching(/^urn:[a-z:%#=@/\s]{0,40}:group:[a-z:%#=@/\s]{0,40}$/),
)

function read(text: string): Entitlement {
  const parsed = parseEntitlement(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem}`)
  return parsed.entitlement
}

describe('whatever the text', () => {
  it('the parser never throws, and its normal form is read back as itself', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          entitlement.map(({ text }) => text),
        ),
        text => {
          const parsed = parseEntitlement(text)
          if (parsed.ok) expect(read(parsed.entitlement.text)).toEqual(parsed.entitlement)
          else expect(parsed.problem).not.toBe('')
        },
      ),
      RUNS,
    )
  })

  it('one changed byte of an entitlement never meets the rule that the whole met', () => {
    const changed = fc.tuple(entitlement, fc.nat(), fc.string({ minLength: 1, maxLength: 1 })).map(([{ text }, at, letter]) => ({
      text,
      other: `${text.slice(0, at % text.length)}${letter}${text.slice((at % text.length) + 1)}`,
    }))
    fc.assert(
      fc.property(changed, ({ text, other }) => {
        const parsed = parseEntitlement(other)
        if (!parsed.ok || parsed.entitlement.text === text) return
        expect(satisfies(parsed.entitlement, read(text), { subgroups: false, authorities })).toBe(false)
      }),
      RUNS,
    )
  })
})

describe('whatever is held and required', () => {
  it('without "and its subgroups" two are met exactly if they are equal and pinned', () => {
    fc.assert(
      fc.property(entitlement, entitlement, (held, required) => {
        const met = satisfies(held, required, { subgroups: false, authorities })
        expect(met).toBe(held.text === required.text && held.authority === AAI)
      }),
      RUNS,
    )
  })

  it('with it the required groups are the first of those held, in the same namespace and by the same authority', () => {
    fc.assert(
      fc.property(entitlement, entitlement, (held, required) => {
        const met = satisfies(held, required, { subgroups: true, authorities })
        const below = JSON.stringify(held.path.slice(0, required.path.length)) === JSON.stringify(required.path)
        const role = required.role === undefined || (required.role === held.role && held.path.length === required.path.length)
        const same = held.namespace === required.namespace && held.authority === AAI && required.authority === AAI
        expect(met).toBe(below && role && same)
      }),
      RUNS,
    )
  })

  it('a wider rule admits whomever a narrower one admits', () => {
    fc.assert(
      fc.property(entitlement, entitlement, (held, required) => {
        if (satisfies(held, required, { subgroups: false, authorities }))
          expect(satisfies(held, required, { subgroups: true, authorities })).toBe(true)
      }),
      RUNS,
    )
  })

  it('with nobody pinned nothing is met', () => {
    fc.assert(
      fc.property(entitlement, entitlement, fc.boolean(), (held, required, subgroups) => {
        expect(satisfies(held, required, { subgroups, authorities: [] })).toBe(false)
      }),
    )
  })
})
