import { describe, expect, it } from 'vitest'
import { type Entitlement, parseEntitlement, pinAuthorities, satisfies } from './index.ts'

const AAI = 'aai.lifescience-ri.eu'
const LS = 'urn:geant:lifescience-ri.eu'

function read(text: string): Entitlement {
  const parsed = parseEntitlement(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem}`)
  return parsed.entitlement
}
const group = (rest: string, authority = AAI) => read(`${LS}:group:${rest}#${authority}`)
const authorities = pinAuthorities([AAI])

describe('by default only the very same entitlement will do', () => {
  it.each([
    ['a:b', 'a:b', true],
    ['a:b', 'a', false],
    ['a', 'a:b', false],
    ['a:role=chair', 'a', false],
    ['a', 'a:role=chair', false],
    ['a:role=chair', 'a:role=chair', true],
    ['a%3ab', 'a%3Ab', true],
    ['a%3Ab', 'a:b', false],
    ['A', 'a', false],
  ])('%s held, %s required: %s', (held, required, met) => {
    expect(satisfies(group(held), group(required), { subgroups: false, authorities })).toBe(met)
  })
})

describe('T04 "and its subgroups"', () => {
  it.each([
    ['a:b', 'a', true],
    ['a:b:c', 'a:b', true],
    ['a', 'a', true],
    ['a:b:c', 'a:c', false],
    ['a:b', 'b', false],
    ['a', 'a:b', false],
    ['ab', 'a', false],
    ['a-evil', 'a', false],
    ['a%3Ab', 'a', false],
    ['a:role=chair', 'a', true],
    ['a:b:role=chair', 'a', true],
    ['a:role=chair', 'a:role=chair', true],
    ['a:b:role=chair', 'a:role=chair', false],
    ['a:role=chairman', 'a:role=chair', false],
    ['a', 'a:role=chair', false],
  ])('%s held, %s required: %s', (held, required, met) => {
    expect(satisfies(group(held), group(required), { subgroups: true, authorities })).toBe(met)
  })
})

describe('T04 whose word counts', () => {
  const subgroups = true

  it('an entitlement of another authority is worth nothing, even if the rule asks for just that one', () => {
    const forged = group('a', 'kit.example.org')
    expect(satisfies(forged, forged, { subgroups, authorities })).toBe(false)
    expect(satisfies(forged, group('a'), { subgroups, authorities })).toBe(false)
  })

  it('an entitlement without authority is worth nothing, and a rule without one is met by nobody', () => {
    const bare = read(`${LS}:group:a`)
    expect(satisfies(bare, group('a'), { subgroups, authorities })).toBe(false)
    expect(satisfies(bare, bare, { subgroups, authorities })).toBe(false)
    expect(satisfies(group('a'), bare, { subgroups, authorities })).toBe(false)
  })

  it('an authority that is pinned for one namespace does not speak for another', () => {
    const own = pinAuthorities([`URN:geant:LifeScience-RI.eu#${AAI}`])
    const foreign = read(`urn:geant:elixir-europe.org:group:a#${AAI}`)
    expect(satisfies(group('a'), group('a'), { subgroups, authorities: own })).toBe(true)
    expect(satisfies(foreign, foreign, { subgroups, authorities: own })).toBe(false)
    expect(satisfies(foreign, foreign, { subgroups, authorities })).toBe(true)
  })

  it('of two pinned authorities each answers for itself', () => {
    const both = pinAuthorities([AAI, 'perun.elixir-czech.cz'])
    expect(satisfies(group('a:b', 'perun.elixir-czech.cz'), group('a'), { subgroups, authorities: both })).toBe(false)
  })

  it.each(['', 'a b', `${LS}#`, `#${AAI}`, 'urn:geant#x', 'a#b#c'])('"%s" cannot be pinned', entry => {
    expect(() => pinAuthorities([entry])).toThrow(/^entitlementAuthorities: .* write aai\.example\.org/)
  })
})
