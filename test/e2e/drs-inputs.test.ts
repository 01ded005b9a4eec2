/**
 * Inputs that are named at a DRS server, which alone knows where their bytes lie: they go to sites that may have them, by addresses that nobody else sees.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startDrs } from '../drs/server.ts'
import { startFederation } from '../harness/federation.ts'
import { fakeSite, realSite } from '../harness/sites.ts'
import { makeSecret } from '../leaks/secrets.ts'

/** A store that gives one object to whoever holds its address. */
async function startStore(path: string, text: string) {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.writeHead(request.url === path ? 200 : 404).end(request.url === path ? text : undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('an input that only its DRS server can find', () => {
  it('is read where its bytes may be, by an address that nobody else sees, though another site would be cheaper', async () => {
    const capability = makeSecret('handed-out')
    const path = `/held/${capability}/reads.txt?jwt=${capability}`
    await using store = await startStore(path, 'ACGT\n')
    await using drs = await startDrs({
      objects: { reads: { size: 5_000_000, methods: [{ type: 'https', behind: { url: `${store.origin}${path}` } }] } },
    })
    const url = `drs://${drs.host}/reads`
    await using federation = await startFederation({
      sites: [
        realSite('berlin', { network: { defaultMbps: 1 } }, { fetch: { [store.origin]: undefined } }),
        fakeSite('utrecht', { place: { country: 'NL' }, network: { defaultMbps: 100_000 } }),
      ],
      locations: [
        { id: 'drs', country: 'DE', kind: 'drs', endpoint: drs.origin, prefixes: [{ url: `drs://${drs.host}/`, sensitivity: 'public' }] },
        {
          id: 'held',
          country: 'DE',
          kind: 'http',
          prefixes: [{ url: `${store.origin}/held/`, sensitivity: 'anonymised', residency: ['DE'] }],
        },
      ],
    })
    const done = await federation.run({
      inputs: [{ url, path: '/in/reads.txt', type: 'FILE' }],
      executors: [{ image: 'alpine', command: ['cat', '/in/reads.txt'] }],
    })
    expect([done.state, done.logs?.[0]?.logs[0]?.stdout]).toEqual(['COMPLETE', 'ACGT\n'])
    expect(done.inputs?.map(input => input.url)).toEqual([url])
    expect(store.seen).toEqual([`GET ${path}`])
    expect(federation.fake('utrecht').requests.filter(({ method }) => method === 'POST')).toEqual([])
    const decision = await federation.placement(done.id)
    expect(decision.sites.map(({ id, reasons }) => [id, reasons.map(({ code }) => code)])).toEqual([
      ['berlin', []],
      ['utrecht', ['RESIDENCY']],
    ])
    const views = await Promise.all(['placement', 'attempts', 'events'].map(view => federation.portolan(`tasks/${done.id}/${view}`)))
    expect(JSON.stringify([done, views, federation.logged])).not.toContain(capability)
    expect(drs.breaches).toEqual([])
  })
})
