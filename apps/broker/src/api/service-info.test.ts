import { describe, expect, it } from 'vitest'
import { buildLocation, buildPrefix, buildSnapshot } from '../../../../packages/federation/test/build.ts'
import { describeService, describeServiceBriefly } from './service-info.ts'

const RESULTS = 's3://results/'
const snapshot = buildSnapshot([], {
  locations: [buildLocation('store', { prefixes: [buildPrefix(RESULTS, { outputs: true }), buildPrefix('s3://reads/')] })],
})
const facts = { version: '1.2.3', publicUrl: 'https://tes.example.org', snapshot }

describe('service-info', () => {
  it('lists where outputs can be put, in either form', () => {
    expect(describeService({ ...facts, open: true }).storage).toEqual([RESULTS])
    expect(describeServiceBriefly({ ...facts, open: true }).storage).toEqual([RESULTS])
  })

  it('T03 tells nobody of places that are for members alone', () => {
    expect(describeService({ ...facts, open: false }).storage).toEqual([])
    expect(describeServiceBriefly({ ...facts, open: false }).storage).toEqual([])
  })
})
