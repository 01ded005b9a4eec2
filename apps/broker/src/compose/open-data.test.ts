import type { LocationId } from '@portolan/federation'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { startS3 } from '../../../../test/s3/stand-in.ts'
import { openSubjectTokens } from '../auth/subject-tokens.ts'
import { originOf } from '../config/checks.ts'
import { convertLocation, convertServer } from '../config/convert.ts'
import { LocationFile } from '../config/location-file.ts'
import { type ConfiguredLocation, Secret } from '../config.ts'
import { createOutboundFetch } from '../http/outbound-fetch.ts'
import { openData } from './open-data.ts'

function configure(file: object, keys?: { readonly accessKey: string; readonly secretKey: string }): ConfiguredLocation {
  const read = LocationFile.parse({
    country: 'DE',
    ...file,
    ...(keys && { credential: { kind: 's3', accessKeyRef: 'env:A', secretKeyRef: 'env:B' } }),
  })
  const credential = keys && ({ kind: 's3', accessKey: new Secret(keys.accessKey), secretKey: new Secret(keys.secretKey) } as const)
  return { location: convertLocation(read), server: convertServer(read), origin: originOf(read), credential, file: 'test' }
}

it('tells how the servers of locations answer, to people and in metrics, and no address of an object', async () => {
  const keys = { reader: 'broker', accessKey: makeSecret('access'), secretKey: makeSecret('secret') }
  await using s3 = await startS3({ buckets: ['genomes'], keys: [keys], region: 'eu-1' })
  const locations = [
    configure({ id: 'store', kind: 's3', endpoint: s3.origin, region: 'eu-1', prefixes: [{ url: 's3://genomes/' }] }, keys),
    configure({ id: 'web', kind: 'http', prefixes: [{ url: 'https://data.example/reads/' }] }),
    configure({ id: 'objects', kind: 'drs', prefixes: [{ url: 'drs://drs.example/' }] }),
  ]
  await using outbound = createOutboundFetch({ declaredOrigins: [s3.origin] })
  const registry = new Registry()
  await using data = await openData(locations, [], { outbound, subjectTokens: openSubjectTokens, now: Date.now }, registry)
  const details = () => ['store', 'web', 'objects'].map(id => data.detailOf(id as LocationId))
  expect(details()).toEqual([
    { endpoint: s3.origin, region: 'eu-1', addressing: 'path', delivery: 'direct', health: 'unknown' },
    { endpoint: 'https://data.example', delivery: 'direct', health: 'unknown' },
    { endpoint: 'https://drs.example', delivery: 'none', health: 'unknown' },
  ])
  expect(await registry.metrics()).not.toContain('portolan_location_up{')

  const store = data.stores.at('s3://genomes/a')
  await s3.bucket('genomes').put('a', 'x')
  await store?.head('s3://genomes/a', AbortSignal.timeout(30_000))
  await data.links.forPerson('store' as LocationId, 's3://genomes/a')
  expect(details()[0]).toMatchObject({ health: 'up' })
  const text = await registry.metrics()
  for (const line of [
    'portolan_location_up{location="store"} 1',
    'portolan_location_request_seconds_count{location="store",operation="head",outcome="answered"} 1',
    'portolan_links_total{location="store",use="person"} 1',
  ])
    expect(text).toContain(line)
  expect(text).not.toMatch(/genomes|Signature/)

  s3.faults.add({ kind: 'refuse', status: 403, code: 'AccessDenied' })
  for (let count = 0; count < 3; count++) await store?.head('s3://genomes/a', AbortSignal.timeout(30_000))
  expect(details()[0]).toMatchObject({ health: 'down', trouble: 'it refuses the broker' })
  expect(await registry.metrics()).toContain('portolan_location_up{location="store"} 0')
})
