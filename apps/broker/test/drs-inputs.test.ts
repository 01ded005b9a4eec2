/**
 * Inputs at a DRS server, from the last look before a task leaves to the addresses that go with it. Data for the Czech site alone lies below
 * `https://eu.example.org/data/`; the American one is to get none of it, whichever way the DRS server names.
 */
import { type AttemptId, type Location, type Project, type ProjectId, prepare, type SiteId } from '@portolan/federation'
import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { type DrsServer, startDrs } from '../../../test/drs/server.ts'
import { refuse, type ServedMethod } from '../../../test/drs/shelf.ts'
import { createOfferGuard } from '../src/reconcile/offer-guard.ts'
import { createSnapshotSource } from '../src/reconcile/snapshot-source.ts'
import { stageInputs } from '../src/reconcile/stage-inputs.ts'
import { createTaskSight } from '../src/reconcile/task-sight.ts'
import { NOW, PROJECT, workId } from '../src/stores/contract/builders.ts'
import { declareLocation, openLocator } from './locator-parts.ts'
import { openLedgers, siteOf } from './reconcile-parts.ts'

const BOUND = 'https://eu.example.org/data/x'
const SIGNED = `${BOUND}?sig=1`
const { signal } = new AbortController()

interface Given {
  readonly methods: readonly ServedMethod[]
  /** Of the object, bytes; the sites read 45 GB an hour. */
  readonly size?: number
  /** Schemes that the sites take. */
  readonly schemes?: readonly string[]
  /** Of the bound location. */
  readonly eu?: object
  /** A project that owns the data. */
  readonly owner?: Project
  readonly prefixes?: readonly { readonly url: string; readonly residency?: readonly string[] }[]
  readonly latencyMs?: number
  /** What the server does before it answers. */
  readonly fault?: DrsServer['fault']
}

async function open({ methods, size = 7, schemes = ['https'], eu, owner, prefixes, fault, latencyMs }: Given) {
  const server = await startDrs({ objects: { x: { size, methods } }, latencyMs })
  server.fault = fault
  const declared = [
    declareLocation({
      id: 'drs',
      kind: 'drs',
      endpoint: server.origin,
      prefixes: [{ url: `drs://${server.host}/`, sensitivity: 'public' }],
    }),
    declareLocation({
      id: 'eu',
      kind: 'http',
      country: 'CZ',
      cloud: 'aws',
      region: 'eu-south-1',
      prefixes: prefixes ?? [{ url: 'https://eu.example.org/data/', sensitivity: 'public', residency: ['CZ'] }],
      ...eu,
    }),
  ]
  const projects: readonly Project[] = [{ id: PROJECT }, ...(owner ? [owner] : [])]
  const { locator, links } = await openLocator(declared, Date.now, projects)
  const locations: readonly Location[] = declared.map(({ location }) => location)
  const capabilities = { ...siteOf('x').capabilities, inputSchemes: schemes }
  const sites = ['us', 'cz'].map(id => siteOf(id, { place: { country: id.toUpperCase() }, capabilities }))
  const { ledgers } = openLedgers(sites, () => NOW)
  const snapshots = createSnapshotSource({ locations, projects }, ledgers, () => NOW)
  const guard = createOfferGuard(locator, snapshots, createTaskSight(snapshots.take(NOW)), () => NOW)
  const url = `drs://${server.host}/x`
  const written: TesTask = { executors: [{ image: 'alpine', command: ['true'] }], inputs: [{ path: '/in', url, type: 'FILE' }] }

  /** What the site gets, or why it gets nothing: placed there again and again, as if somebody had chosen it. */
  async function send(id: string): Promise<string> {
    const site = sites.find(one => one.id === id) ?? siteOf(id)
    for (let round = 0; round < 4; round++) {
      const judged = await guard.judge(written, { id: workId(1), project: PROJECT }, { id: 'a' as AttemptId, site: id as SiteId }, signal)
      if (judged.outcome === 'forbidden') return judged.why.replace(/:.*/, '')
      if (judged.outcome === 'unknown') return 'waits'
      const made = await stageInputs(links, judged.staging, 1_000_000, signal)
      if (made.outcome === 'failed') return `no link: ${made.lasting ? 'for ever' : 'for now'}`
      if (made.outcome === 'moved') continue
      const { document } = prepare(judged.task, site, { tags: {}, forms: judged.staging.forms, staged: made.staged })
      return (document.inputs?.[0]?.url ?? '').replace(url, 'as named')
    }
    return 'moves on'
  }
  return { server, send, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const byId = (more: Partial<ServedMethod> = {}, address = SIGNED): ServedMethod => ({ type: 'https', behind: { url: address }, ...more })
const onGround = byId({ cloud: 'aws', region: 'eu-south-1' })
/** To be read for some minutes from now. */
const endsAfter = (minutes: number, at: string): string => `${at}?Expires=${Math.ceil(Date.now() / 1000) + 60 * minutes}&Signature=x`
const open_ = byId({}, 'https://anywhere.example.org/x?sig=1')

describe('bytes that are bound to a place', () => {
  it.each<[string, Given, string]>([
    ['its address is signed', { methods: [{ type: 'https', url: SIGNED }] }, SIGNED],
    ['an access id leads there from nobody knows where', { methods: [byId()] }, SIGNED],
    ['an access id leads there from the ground that it names', { methods: [onGround] }, SIGNED],
    ['an access id leads there from another ground', { methods: [byId({ cloud: 'gcp', region: 'x' })] }, SIGNED],
    ['its address is open', { methods: [{ type: 'https', url: BOUND }] }, BOUND],
    [
      'in another spelling',
      { methods: [byId({}, 'HTTPS://EU.example.org:443/data/%78?sig=1')] },
      'HTTPS://EU.example.org:443/data/%78?sig=1',
    ],
    ['by http', { methods: [byId({}, SIGNED.replace('https', 'http'))] }, SIGNED.replace('https', 'http')],
  ])('are had where they may be, and nowhere else, where %s', async (_, given, at) => {
    await using drs = await open(given)
    expect([await drs.send('us'), await drs.send('us'), await drs.send('cz')]).toEqual(['RESIDENCY', 'RESIDENCY', at])
    expect(drs.server.breaches).toEqual([])
  })

  it('go to no site that asks DRS servers by itself, though nobody had known where they lie', async () => {
    await using drs = await open({ methods: [byId()], schemes: ['drs', 'https'] })
    expect([await drs.send('us'), await drs.send('cz')]).toEqual(['RESIDENCY', 'as named'])
  })

  it('wait until their server has said where they lie, however late, and while it does not', async () => {
    await using drs = await open({ methods: [{ type: 'https', url: SIGNED }], fault: () => refuse(503, 'later') })
    expect([await drs.send('us'), await drs.send('cz')]).toEqual(['waits', 'waits'])
    await using late = await open({ methods: [{ type: 'https', url: SIGNED }], schemes: ['drs'], latencyMs: 250 })
    expect(await late.send('us')).toBe('RESIDENCY')
  })

  it('are had by no way to a location that the site may not read, and by those to others', async () => {
    const closed = { readableFrom: ['cz'] }
    const prefixes = [{ url: 'https://eu.example.org/data/', sensitivity: 'public' }]
    const methods: readonly ServedMethod[] = [{ type: 'https', url: BOUND }, open_]
    await using drs = await open({ methods, eu: closed, prefixes })
    expect(await drs.send('us')).toBe('https://anywhere.example.org/x?sig=1')
    await using both = await open({ methods: [{ type: 'https', url: BOUND }, byId()], eu: closed, prefixes })
    expect([await both.send('us'), await both.send('cz')]).toEqual(['INPUT_UNREACHABLE', BOUND])
    await using native = await open({ methods: [{ type: 'https', url: BOUND }, open_], eu: closed, prefixes, schemes: ['drs'] })
    expect(await native.send('us')).toBe('INPUT_UNREACHABLE')
  })

  it('fall under the rules of every prefix of the ground until they are known', async () => {
    const prefixes = [
      { url: 'https://eu.example.org/open/', sensitivity: 'public' },
      { url: 'https://eu.example.org/data/', sensitivity: 'public', residency: ['CZ'] },
    ]
    await using strict = await open({
      methods: [byId({ cloud: 'aws', region: 'eu-south-1' }, 'https://eu.example.org/open/x?sig=1')],
      prefixes,
    })
    expect([await strict.send('us'), await strict.send('cz')]).toEqual(['RESIDENCY', 'https://eu.example.org/open/x?sig=1'])
  })

  it('T03 of another project are had by none of its ways', async () => {
    const owner = { id: 'other' as ProjectId, owns: ['https://eu.example.org/data/'] }
    for (const method of [byId(), onGround, { type: 'https', url: SIGNED } as const]) {
      await using drs = await open({ methods: [method], owner })
      expect(await drs.send('cz')).toBe('GROUP_MISSING')
    }
  })

  it.each([
    'https://eu.example.org//data/x?sig=1',
    'https://eu.example.org/open/../data/x?sig=1',
    'https://eu.example.org/data;v=1/x?sig=1',
    'https://u:p@eu.example.org/data/x',
    'https://eu.example.org/',
    's3://eu/data/x',
    'not an address',
  ])('are given by no address that could lead elsewhere to others: %s', async address => {
    await using drs = await open({ methods: [byId({}, address)] })
    expect(await drs.send('us')).toBe('no link: for ever')
  })

  it('are never sent where their server names another place at each look', async () => {
    let looks = 0
    await using drs = await open({
      methods: [byId()],
      prefixes: [
        { url: 'https://eu.example.org/a/', residency: ['CZ'] },
        { url: 'https://eu.example.org/b/', residency: ['CZ'] },
      ],
      fault: ({ operation }) =>
        operation === 'GetAccessURL'
          ? { status: 200, body: { url: `https://eu.example.org/${looks++ % 2 === 0 ? 'a' : 'b'}/x` } }
          : undefined,
    })
    expect(await drs.send('cz')).toBe('moves on')
  })
})

describe('bytes that take two hours to read', () => {
  const size = 90e9
  const short = endsAfter(60, 'https://short.example.org/x')
  const long = endsAfter(180, 'https://long.example.org/x')

  it.each<[string, readonly string[], string]>([
    ['are had by the address that lives for so long', [short, long], long],
    ['are had by an address that does not say how long it lives', [short, SIGNED], SIGNED],
    ['are had by none that ends before', [short, endsAfter(10, BOUND)], 'no link: for ever'],
  ])('%s', async (_, addresses, at) => {
    await using drs = await open({
      methods: addresses.map(address => byId({}, address)),
      size,
      prefixes: [{ url: 'https://eu.example.org/else/' }],
    })
    expect(await drs.send('us')).toBe(at)
  })

  it('go as they are named where the site asks for addresses by itself, however soon these end', async () => {
    await using drs = await open({ methods: [byId({}, short)], size, schemes: ['drs', 'https'] })
    expect(await drs.send('us')).toBe('as named')
  })

  it('stay bound to a place that they can be read at for too short a time, whatever other place there is', async () => {
    const prefixes = [
      { url: 'https://eu.example.org/open/', sensitivity: 'public' },
      { url: 'https://eu.example.org/data/', sensitivity: 'public', residency: ['CZ'] },
    ]
    const methods: readonly ServedMethod[] = [
      { type: 'https', url: endsAfter(10, BOUND) },
      byId({}, endsAfter(180, 'https://eu.example.org/open/x')),
    ]
    await using drs = await open({ methods, size, prefixes })
    expect([await drs.send('cz'), await drs.send('us')]).toEqual(['no link: for ever', 'RESIDENCY'])
  })
})
