import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { place } from '../src/index.ts'
import { buildInput, buildLocation, buildPrefix, buildSite, buildSnapshot, buildWork, locationId } from './build.ts'

const DECLARED = ['s3://my-bucket/secret/', 'https://my-bucket.s3.eu-central-1.amazonaws.com/secret/'].map(url =>
  buildPrefix(url, { sensitivity: 'pseudonymised' }),
)
const decide = (work: Parameters<typeof buildWork>[0], prefixes = DECLARED) =>
  place(
    buildSnapshot([buildSite('here', { maxSensitivity: 'anonymised' })], { locations: [buildLocation('aws', { prefixes })] }),
    buildWork(work),
  )
const reading = (url: string, prefixes = DECLARED) => decide({ inputs: [buildInput('x', [], { url })] }, prefixes)
const codes = ({ sites }: ReturnType<typeof place>) => sites[0]?.reasons.map(({ code }) => code)

const ADDRESSES = [
  'https://my-bucket.bucket.vpce-1a2b3c4d-5e6f.s3.eu-central-1.vpce.amazonaws.com/secret/a',
  'https://bucket.vpce-1a2b3c4d-5e6f.s3.eu-central-1.vpce.amazonaws.com/my-bucket/secret/a',
  'https://ap-123456789012.s3-accesspoint.eu-central-1.amazonaws.com/secret/a',
  'https://alias.accesspoint.s3-global.amazonaws.com/secret/a',
  'https://my-bucket.s3-fips-eu-central-1.amazonaws.com/secret/a',
  'https://s3-fips-eu-central-1.amazonaws.com/my-bucket/secret/a',
  'https://my-bucket.s3.us-east-1.amazonaws.com/secret/a',
  'https://s3-us-east-1.amazonaws.com/my-bucket/secret/a',
  'https://S3.US-EAST-1.amazonaws.com:443/my-bucket/secret/a',
  'https://s3.eu-central-1.amazonaws.com:8443/my-bucket/secret/a',
  'http://s3-external-2.amazonaws.com/my-bucket/secret/a',
  'https://my-bucket.s3.cn-north-1.amazonaws.com.cn/secret/a',
  'https://my-bucket.s3.eusc-de-east-1.amazonaws.eu/secret/a',
  'https://my-bucket.s3express-use1-az4.us-east-1.amazonaws.com/secret/a',
  'https://my-bucket.s3.eu-central-1.api.aws/secret/a',
  'https://s3.eu-central-1.amazonaws.com/',
] as const

describe('while data at AWS is declared, its rules are passed by at no address there', () => {
  it.each(ADDRESSES)('%s is read nowhere', url => {
    expect(codes(reading(url))).toEqual(['INPUT_UNREACHABLE'])
  })

  it.each(ADDRESSES)('%s is written nowhere', url => {
    expect(codes(decide({ outputs: [{ url, path: '/out' }] }))).toEqual(['OUTPUT_TARGET_DENIED'])
  })

  it('whatever region, bucket, account or kind of server the host names', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)
    const labels = fc.array(label, { maxLength: 3 })
    const server = fc.stringMatching(/^s3(-?[a-z0-9]{1,6}){0,2}$/)
    const domain = fc.constantFrom('amazonaws.com', 'amazonaws.com.cn', 'amazonaws.eu', 'api.aws')
    fc.assert(
      fc.property(labels, server, labels, domain, (before, s3, after, end) => {
        const host = [...before, s3, ...after, end].join('.')
        expect(codes(reading(`https://${host}/my-bucket/secret/a`))).toContain('INPUT_UNREACHABLE')
      }),
      { numRuns: 500 },
    )
  })

  it('a replica there counts as well', () => {
    const { sites } = decide({
      inputs: [buildInput('x', ['aws'], { url: 'drs://a.example/1', replicas: [{ location: locationId('aws'), url: ADDRESSES[0] }] })],
    })
    expect(sites[0]?.reasons.map(({ code }) => code)).toContain('INPUT_UNREACHABLE')
  })

  it('its declared addresses have their rules', () => {
    expect(codes(reading('https://my-bucket.s3.eu-central-1.amazonaws.com/secret/a'))).toEqual(['SENSITIVITY'])
    expect(codes(reading('s3://my-bucket/secret/a'))).toEqual(['SENSITIVITY'])
  })

  it.each([
    's3://another-bucket/a',
    'https://data.example.org/s3.eu-central-1.amazonaws.com/a',
    'https://s3.example.org/my-bucket/a',
    'https://s3.amazonaws.com.example.org/a',
    'https://files.ec2.amazonaws.com/a',
  ])('%s is none of them', url => {
    expect(reading(url).chosen).toBe('here')
  })
})

it('where no data at AWS is declared, its addresses are like any other', () => {
  for (const url of ADDRESSES) expect(reading(url, [buildPrefix('s3://my-bucket/secret/')]).chosen).toBe('here')
})
