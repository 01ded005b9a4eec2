import { compileSnapshot, type Location, type LocationId, type SiteId, type SitePolicy, type TaskMeta } from '@portolan/federation'
import type { TesInput, TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { openLedgers, siteOf } from '../../test/reconcile-parts.ts'
import { ASSUMED_SIZE, type Located, type Locator } from '../data/locator.ts'
import { NOW, PROJECT, workId } from '../stores/contract/builders.ts'
import { describeLocated } from './describe.ts'
import { createSnapshotSource } from './snapshot-source.ts'

const META: TaskMeta = { id: workId(1), project: PROJECT, documentBytes: 100, triedSites: [] }

const taskWith = (...inputs: readonly TesInput[]): TesTask => ({ inputs: [...inputs], executors: [{ image: 'alpine', command: ['true'] }] })

/** One site with this policy, and these locations. */
function sitesWith(policy: SitePolicy, locations: readonly Location[] = []) {
  const { ledgers } = openLedgers([siteOf('a', { policy })], () => NOW)
  const snapshot = createSnapshotSource({ locations, projects: [{ id: PROJECT }] }, ledgers, () => NOW).take(NOW)
  return () => compileSnapshot(snapshot)
}

const ANYWHERE = sitesWith({})

/** Knows these URLs, and tells what it was asked. */
function locatorOf(known: Readonly<Record<string, Located>>) {
  const asked: { readonly url: string; readonly directory: boolean }[] = []
  const budgets: number[] = []
  const locator: Locator = {
    find: url => known[url]?.replicas ?? [],
    async locate(inputs, budgetMs) {
      asked.push(...inputs)
      budgets.push(budgetMs)
      return inputs.flatMap(({ url }) => known[url] ?? [])
    },
  }
  return { locator, asked, budgets }
}

const at = (location: string, url: string, bytes: number): Located => ({
  replicas: [{ location: location as LocationId, url }],
  bytes,
  files: 1,
  assumed: false,
})

const A = 'https://data.example.org/a'
const B = 'https://data.example.org/b/'

const hospital = (more: Partial<Location>, prefix: Partial<Location['prefixes'][number]> = {}): Location => ({
  id: 'hospital' as LocationId,
  country: 'DE',
  kind: 'http',
  prefixes: [{ url: 'https://data.example.org/', sensitivity: 'controlled', access: 'share', ...prefix }],
  ...more,
})

describe('describing a stored task for placement', () => {
  it('asks the locators once, where each URL lies and whether it is a directory, with a budget', async () => {
    const { locator, asked, budgets } = locatorOf({})
    await describeLocated(taskWith({ url: A, path: '/a' }, { url: B, path: '/b', type: 'DIRECTORY' }), META, locator, ANYWHERE)
    expect(asked).toEqual([
      { url: A, directory: false },
      { url: B, directory: true },
    ])
    expect(budgets).toEqual([200])
  })

  it('gives each input what is known of its own URL, whatever stands between them', async () => {
    const { locator, asked } = locatorOf({ [A]: at('charite', A, 7), [B]: at('surf', B, 9) })
    const task = taskWith(
      { content: 'inline', path: '/note' },
      { url: A, path: '/a' },
      { content: 'x', url: 'https://unused.example', path: '/c' },
      { url: B, path: '/b' },
    )
    const { inputs } = await describeLocated(task, META, locator, ANYWHERE)
    expect(asked.map(({ url }) => url)).toEqual([A, B])
    expect(inputs.map(({ path, bytes, replicas }) => [path, bytes, replicas.map(({ location }) => location)])).toEqual([
      ['/note', 6, []],
      ['/a', 7, ['charite']],
      ['/c', 1, []],
      ['/b', 9, ['surf']],
    ])
  })

  it('takes one URL at two paths for two inputs', async () => {
    const { locator } = locatorOf({ [A]: at('charite', A, 7) })
    const { inputs } = await describeLocated(taskWith({ url: A, path: '/1' }, { url: A, path: '/2' }), META, locator, ANYWHERE)
    expect(inputs.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['/1', 7],
      ['/2', 7],
    ])
  })

  it('counts an input as assumed where no locator answered for it', async () => {
    const { locator } = locatorOf({})
    const { inputs } = await describeLocated(taskWith({ url: A, path: '/a' }), META, locator, ANYWHERE)
    expect(inputs).toMatchObject([{ url: A, path: '/a', replicas: [], assumed: true }])
  })

  it('carries on what a locator says of an input that is not there', async () => {
    const { locator } = locatorOf({ [A]: { ...at('charite', A, 0), missing: true } })
    const { inputs } = await describeLocated(taskWith({ url: A, path: '/a' }), META, locator, ANYWHERE)
    expect(inputs[0]?.missing).toBe(true)
  })

  it('asks nobody about data that no site would let the task touch, and says of none that it is missing', async () => {
    const { locator, asked } = locatorOf({ [A]: { ...at('hospital', A, 0), missing: true }, [B]: at('hospital', B, 123_456) })
    const task = taskWith({ url: A, path: '/a' }, { url: B, path: '/b', type: 'DIRECTORY' })
    const closed = sitesWith({}, [hospital({ readableFrom: ['b' as SiteId] })])
    const grouped = sitesWith({}, [hospital({}, { groups: ['committee'] })])
    const notOurs = sitesWith({ projects: [] })
    for (const compiled of [closed, grouped, notOurs]) {
      const { inputs } = await describeLocated(task, META, locator, compiled)
      const where = (url: string) => ({ replicas: [{ location: 'hospital', url }], ...ASSUMED_SIZE, assumed: true })
      expect(inputs).toEqual([
        { url: A, path: '/a', ...where(A) },
        { url: B, path: '/b', directory: true, ...where(B) },
      ])
    }
    expect(asked).toEqual([])
    await describeLocated(task, META, locator, sitesWith({}, [hospital({})]))
    expect(asked).toHaveLength(2)
  })

  it('asks for the URLs that paths mean, and counts the bytes of the document that a site gets', async () => {
    const mapped = 'https://data.example.org/work/a'
    const { locator, asked } = locatorOf({ [mapped]: at('hospital', mapped, 7) })
    const compiled = sitesWith({}, [hospital({ pathMaps: [{ from: '/nfs/work/', to: 'https://data.example.org/work/' }] })])
    const work = await describeLocated(taskWith({ url: '/nfs/work/a', path: '/a' }), META, locator, compiled)
    expect(asked).toEqual([{ url: mapped, directory: false }])
    expect(work.inputs).toMatchObject([{ url: mapped, path: '/a', bytes: 7 }])
    expect(work.documentBytes).toBe(META.documentBytes + mapped.length - '/nfs/work/a'.length)
  })

  it('keeps the identity that it was given', async () => {
    const { locator } = locatorOf({})
    const work = await describeLocated({ executors: [{ image: 'alpine', command: ['true'] }] }, META, locator, ANYWHERE)
    expect(work).toMatchObject({ id: META.id, project: PROJECT, documentBytes: 100, inputs: [], images: ['alpine'] })
  })
})
