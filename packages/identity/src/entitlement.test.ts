import { describe, expect, it } from 'vitest'
import { parseEntitlement } from './index.ts'

describe('an entitlement', () => {
  it('is read into namespace, groups, role and authority', () => {
    const text = 'urn:geant:lifescience-ri.eu:group:lifescience:communities_and_projects:EUCAIM:role=member#aai.lifescience-ri.eu'
    expect(parseEntitlement(text)).toEqual({
      ok: true,
      entitlement: {
        text,
        namespace: 'urn:geant:lifescience-ri.eu',
        path: ['lifescience', 'communities_and_projects', 'EUCAIM'],
        role: 'member',
        authority: 'aai.lifescience-ri.eu',
      },
    })
  })

  it.each([
    ['URN:Geant:LifeScience-RI.eu:group:EGA#aai', 'urn:geant:lifescience-ri.eu:group:EGA#aai'],
    ['urn:geant:x.eu:Sub:group:EGA#AAI', 'urn:geant:x.eu:Sub:group:EGA#AAI'],
    ['urn:geant:x.eu:group:r%c3%a4ume:%41#aai', 'urn:geant:x.eu:group:r%C3%A4ume:%41#aai'],
    ['urn:geant:x%2feu:group:a', 'urn:geant:x%2Feu:group:a'],
  ])('%s is in normal form %s', (text, normal) => {
    const parsed = parseEntitlement(text)
    expect(parsed.ok && parsed.entitlement.text).toBe(normal)
  })

  it('begins its groups at the first ":group:" and its authority after the last "#"', () => {
    const parsed = parseEntitlement('urn:geant:x.eu:group:a:group:b#aai')
    expect(parsed.ok && parsed.entitlement.path).toEqual(['a', 'group', 'b'])
    expect(parseEntitlement('urn:geant:x.eu:group:a#evil#aai').ok).toBe(false)
  })

  it('keeps an escaped colon inside its group', () => {
    const parsed = parseEntitlement('urn:geant:x.eu:group:a%3Ab#aai')
    expect(parsed.ok && parsed.entitlement.path).toEqual(['a%3Ab'])
  })

  it.each([
    ['', 'It names no group'],
    ['admins', 'It names no group'],
    ['urn:geant:x.eu:res:storage#aai', 'It names no group'],
    ['urn:geant:x.eu:GROUP:a#aai', 'It names no group'],
    ['urn:geant:group:a#aai', 'It does not begin with a namespace'],
    ['urn:g:x.eu:group:a#aai', 'It does not begin with a namespace'],
    ['http://geant:x.eu:group:a#aai', 'It does not begin with a namespace'],
    ['urn:geant::group:a#aai', 'It does not begin with a namespace'],
    ['urn:geant:x.eu:group:#aai', 'A group in it is empty'],
    ['urn:geant:x.eu:group:a::b#aai', 'A group in it is empty'],
    ['urn:geant:x.eu:group:a:#aai', 'A group in it is empty'],
    ['urn:geant:x.eu:group:a b#aai', 'A group in it'],
    [' urn:geant:x.eu:group:a#aai', 'It does not begin with a namespace'],
    ['urn:geant:x.eu:group:ä#aai', 'A group in it'],
    ['urn:geant:x.eu:group:a%3#aai', 'A group in it'],
    ['urn:geant:x.eu:group:a%ff#aai', 'A group in it'],
    ['urn:geant:x.eu:group:a%00#aai', 'A group in it'],
    ['urn:geant:x.eu:group:a\n#aai', 'A group in it'],
    ['urn:geant:x.eu:group:role=chair#aai', 'It names a role but no group'],
    ['urn:geant:x.eu:group:a:role=#aai', 'Its role is empty'],
    ['urn:geant:x.eu:group:a:role=x:b#aai', 'Its role does not stand at the end'],
    ['urn:geant:x.eu:group:a#', 'What follows the #'],
    ['urn:geant:x.eu:group:a#b c', 'What follows the #'],
    ['urn:geant:x.eu:group:a@https://login.example.org', 'It is the name of a person'],
    [`urn:geant:x.eu:group:${'a'.repeat(3000)}#aai`, 'It is longer than 2048 characters'],
  ])('%j is none: %s', (text, problem) => {
    const parsed = parseEntitlement(text)
    expect(parsed.ok ? 'an entitlement' : parsed.problem).toContain(problem)
  })
})
