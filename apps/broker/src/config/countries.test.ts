import { describe, expect, it } from 'vitest'
import { COUNTRIES, fixCountry } from './countries.ts'

describe('the country codes', () => {
  it('are the 249 of ISO 3166-1, each known by its name', () => {
    const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
    expect(COUNTRIES.size).toBe(249)
    expect([...COUNTRIES].filter(code => names.of(code) === undefined)).toEqual([])
  })

  it('come with a fix for what people write instead', () => {
    expect([fixCountry('uk'), fixCountry('EU'), fixCountry('germany')]).toEqual([
      'write GB for the United Kingdom',
      'the European Union is no country: name its countries one by one',
      'write the two capital letters of ISO 3166-1, such as DE, NL or GB',
    ])
  })
})
