import { matchPrefix } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { spellingsOf } from './s3-spellings.ts'

const AT_AWS = spellingsOf('s3://genomes/de/', 'https://s3.eu-central-1.amazonaws.com')

describe('data in a bucket', () => {
  it('of a server of its own has that server’s addresses, with the bucket in the path and in the host', () => {
    expect(spellingsOf('s3://genomes/de/', 'https://s3.example.org')).toEqual([
      's3://genomes/de/',
      'https://s3.example.org/genomes/de/',
      'https://genomes.s3.example.org/de/',
      's3://s3.example.org/genomes/de/',
      's3://s3.example.org:443/genomes/de/',
    ])
  })

  it.each([
    ['https://s3.example.org', 's3://S3.example.org/genomes/de/a'],
    ['https://s3.example.org', 's3://s3.example.org:443/genomes/de/a'],
    ['http://127.0.0.1:9000', 's3://127.0.0.1:9000/genomes/de/a'],
    ['https://data.example.org/s3/', 's3://data.example.org/s3/genomes/de/a'],
  ])('of the server %s is known at %s too, as some sites read it', (endpoint, address) => {
    expect(matchPrefix(address, spellingsOf('s3://genomes/de/', endpoint))).toBeDefined()
  })

  it.each([
    'https://s3.eu-central-1.amazonaws.com/genomes/de/a',
    'https://genomes.s3.eu-central-1.amazonaws.com/de/a',
    'https://s3-eu-central-1.amazonaws.com/genomes/de/a',
    'https://genomes.s3.dualstack.eu-central-1.amazonaws.com/de/a',
    'https://genomes.s3-fips.eu-central-1.amazonaws.com/de/a',
    'https://genomes.s3-fips-eu-central-1.amazonaws.com/de/a',
    'https://genomes.s3-fips.dualstack.eu-central-1.amazonaws.com/de/a',
    'https://s3.amazonaws.com/genomes/de/a',
    'https://genomes.s3.amazonaws.com/de/a',
    'https://genomes.s3-accelerate.amazonaws.com/de/a',
    'https://genomes.s3-accelerate.dualstack.amazonaws.com/de/a',
    'https://genomes.s3-website.eu-central-1.amazonaws.com/de/a',
    'https://genomes.s3-website-eu-central-1.amazonaws.com/de/a',
  ])('at AWS is known at %s too', address => {
    expect(matchPrefix(address, AT_AWS)).toBeDefined()
  })

  it.each([
    'https://s3.eu-central-1.amazonaws.com/others/de/a',
    'https://s3.eu-central-1.amazonaws.com/genomes/fr/a',
    'https://others.s3.eu-central-1.amazonaws.com/de/a',
  ])('at AWS is not what lies at %s', address => {
    expect(matchPrefix(address, AT_AWS)).toBeUndefined()
  })

  it.each([
    'https://s3.eu-central-1.amazonaws.com',
    'https://s3-eu-central-1.amazonaws.com',
    'https://s3.dualstack.eu-central-1.amazonaws.com/',
    'https://s3-fips.us-gov-west-1.amazonaws.com',
    'https://s3.cn-north-1.amazonaws.com.cn',
    'https://s3.eusc-de-east-1.amazonaws.eu',
  ])('is found whichever server of its region is named: %s', endpoint => {
    const declared = spellingsOf('s3://genomes/de/', endpoint)
    const [, region = '', domain = ''] = /[.-]([a-z]+-[a-z-]+-\d)\.(.+?)\/?$/.exec(endpoint) ?? []
    expect(matchPrefix(`https://genomes.s3.${region}.${domain}/de/a`, declared)).toBeDefined()
  })
})
