import { HINT_KEYS } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { buildLocation, buildPrefix, buildSite, buildSnapshot, projectId, siteId } from '../../../../packages/federation/test/build.ts'
import { describeService, describeServiceBriefly, supportedParameters } from './service-info.ts'

const RESULTS = 's3://results/'
const snapshot = buildSnapshot([], {
  locations: [buildLocation('store', { prefixes: [buildPrefix(RESULTS, { outputs: true }), buildPrefix('s3://reads/')] })],
})
const knowing = (...backendParameters: string[]) => ({ capabilities: { ...buildSite('any').capabilities, backendParameters } })
const sites = buildSnapshot([
  buildSite('open', knowing('vm_size')),
  buildSite('closed', { ...knowing('secret_queue'), policy: { projects: [projectId('lung')] } }),
])
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

  it('T03 tells nobody what a site knows that is for some projects alone', () => {
    const knows = (open: boolean) => describeService({ ...facts, snapshot: sites, open }).tesResources_backend_parameters
    expect(knows(true)).toEqual([...HINT_KEYS, 'vm_size', 'secret_queue'])
    expect(knows(false)).toEqual([...HINT_KEYS, 'vm_size'])
  })
})

describe('the backend parameters that a task may ask for', () => {
  it('T03 are those of sites that its project may use', () => {
    const known = (id: string, only?: string[]) => [...supportedParameters(sites, { id: projectId(id), sites: only?.map(siteId) })]
    expect(known('lung')).toEqual(['vm_size', 'secret_queue'])
    expect(known('other')).toEqual(['vm_size'])
    expect(known('lung', ['closed'])).toEqual(['secret_queue'])
    expect(known('other', ['closed'])).toEqual([])
  })
})
