import type { TesTask } from '@portolan/tes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CompiledSnapshot,
  compilePrefixes,
  compileSnapshot,
  type Location,
  type LocationPrefix,
  parseUrl,
  place,
  planStaging,
  prepare,
  type Replica,
  type Snapshot,
  type StagedInput,
  type StagingPlan,
  type Work,
} from '../src/index.ts'
import { anySnapshot, anyWork } from './arbitrary.ts'

const RUNS = { numRuns: 3000 }
const tags = { 'portolan.task': 'w' }

function siteOf(compiled: CompiledSnapshot, id: string) {
  const at = compiled.sites.find(({ site }) => site.id === id)
  if (at === undefined) throw new Error(`there is no site ${id}`)
  return at
}

/** The document for a site, with a link for each wish. */
function write(compiled: CompiledSnapshot, id: string, work: Work): { readonly plan: StagingPlan; readonly urls: readonly string[] } {
  const at = siteOf(compiled, id)
  const plan = planStaging(compiled, at, work)
  const task: TesTask = {
    executors: [{ image: 'ubuntu', command: ['true'] }],
    inputs: work.inputs.map(({ url, path }) => ({ ...(url !== undefined && { url }), path })),
  }
  const staged = plan.wishes.map(({ path, url }): StagedInput => ({ path, files: [{ path, url: `${url}?signed` }] }))
  const { document } = prepare(task, at.site, { tags, forms: plan.forms, staged })
  return { plan, urls: (document.inputs ?? []).map(({ url }) => url ?? '') }
}

/** Every declared prefix that has a say over what the URL names. */
function rulesOver(
  locations: readonly Location[],
  url: string,
): readonly { readonly location: Location; readonly prefix: LocationPrefix }[] {
  const table = compilePrefixes(
    locations.flatMap(location => location.prefixes.map(prefix => ({ url: prefix.url, value: { location, prefix } }))),
    'web',
  )
  const parsed = parseUrl(url.replace('?signed', ''))
  const found = parsed && table.find(parsed)
  return found === undefined ? [] : [found]
}

/** Placed at the chosen site, and at every other one as if somebody had chosen it. */
const placed = fc.tuple(anySnapshot, anyWork).map(([snapshot, work]) => {
  const compiled = compileSnapshot(snapshot)
  return { snapshot, work, compiled, decision: place(compiled, work) }
})

function expectRulesHold({ locations }: Snapshot, compiled: CompiledSnapshot, id: string, urls: readonly string[], plan: StagingPlan) {
  const { site } = siteOf(compiled, id)
  for (const url of urls) {
    for (const { location, prefix } of rulesOver(locations, url)) {
      if (prefix.residency !== undefined) expect(prefix.residency).toContain(site.place.country)
      if (location.readableFrom !== undefined) expect(location.readableFrom).toContain(site.id)
    }
  }
  for (const { url, location } of plan.wishes) {
    const declared = locations.find(one => one.id === location)
    if (url.startsWith('drs:')) continue
    expect(declared?.links).toBe(true)
    const readsByItself = site.holds.includes(location) || declared?.credentialsAt?.includes(site.id) === true
    expect(readsByItself && site.capabilities.inputSchemes.includes('s3')).toBe(false)
  }
}

/** Where the bytes may come from that a site is led to by a DRS server: by the broker's link, or as it asks for them itself. */
function ledTo(work: Work, { forms }: StagingPlan): readonly Replica[] {
  return work.inputs.flatMap(({ url, assumed, replicas }, at) => {
    const form = forms[at]
    if (url?.startsWith('drs:') !== true || assumed || form === undefined) return []
    if (form.kind === 'asIs') return replicas
    return form.kind === 'link' ? replicas.filter(one => one.location === form.location && one.url === form.url && one.at === form.at) : []
  })
}

describe('whatever the federation and the task', () => {
  it('nothing that is bound to a country or closed to a site is in the document for the chosen site, in any form', () => {
    let links = 0
    let bound = 0
    fc.assert(
      fc.property(placed, ({ snapshot, work, compiled, decision }) => {
        if (decision.chosen === null) return
        const { plan, urls } = write(compiled, decision.chosen, work)
        expectRulesHold(snapshot, compiled, decision.chosen, urls, plan)
        links += plan.wishes.length
        if (urls.some(url => rulesOver(snapshot.locations, url).some(({ prefix }) => prefix.residency !== undefined))) bound++
      }),
      RUNS,
    )
    expect(links).toBeGreaterThan(0)
    expect(bound).toBeGreaterThan(0)
  })

  it('no DRS server leads the chosen site to what is bound to another country, or closed to it, by any way that it names', () => {
    let bound = 0
    fc.assert(
      fc.property(placed, ({ snapshot: { locations }, work, compiled, decision }) => {
        if (decision.chosen === null) return
        const { site } = siteOf(compiled, decision.chosen)
        const plan = planStaging(compiled, siteOf(compiled, decision.chosen), work)
        for (const { location, url, at } of ledTo(work, plan)) {
          const declared = locations.find(({ id }) => id === location)
          const rules =
            url.startsWith('drs:') && at === undefined
              ? (declared?.prefixes ?? [])
              : rulesOver(locations, at ?? url).map(({ prefix }) => prefix)
          for (const { residency } of rules) if (residency !== undefined) expect(residency).toContain(site.place.country)
          if (declared?.readableFrom !== undefined) expect(declared.readableFrom).toContain(site.id)
          if (rules.some(({ residency }) => residency !== undefined)) bound++
        }
        const unknown = plan.looks.map(({ url }) => url)
        for (const [at, { url, replicas }] of work.inputs.entries())
          if (plan.forms[at]?.kind === 'asIs' && replicas.some(replica => replica.link === true && replica.at === undefined))
            expect(unknown).toContain(url)
      }),
      RUNS,
    )
    expect(bound).toBeGreaterThan(0)
  })

  it('an input has no form at a site exactly where a check says so, and every site that passes gets a form of each', () => {
    let unreadable = 0
    fc.assert(
      fc.property(placed, ({ work, compiled, decision }) => {
        for (const { id, verdict, reasons } of decision.sites) {
          const { forms } = planStaging(compiled, siteOf(compiled, id), work)
          const isUnreadable = forms.some(({ kind }) => kind === 'unreadable')
          const isSaid = reasons.some(
            ({ code, detail }) =>
              (code === 'INPUT_UNREACHABLE' && !/^\S+ does not exist(, \S+ does not exist)*$/.test(detail)) ||
              (code === 'URL_SCHEME_UNSUPPORTED' && detail.includes(' for input ')),
          )
          expect(isUnreadable).toBe(isSaid)
          if (verdict === 'pass') expect(isUnreadable).toBe(false)
          if (isUnreadable) unreadable++
        }
      }),
      RUNS,
    )
    expect(unreadable).toBeGreaterThan(15)
  })

  it('no link is planned, and nothing written, for a place of another project', () => {
    fc.assert(
      fc.property(placed, ({ snapshot, work, compiled, decision }) => {
        if (decision.chosen === null) return
        const theirs = snapshot.projects.filter(({ id }) => id !== work.project).flatMap(({ owns }) => owns ?? [])
        const { urls } = write(compiled, decision.chosen, work)
        for (const url of [...urls, ...work.outputs.map(output => output.url)])
          expect(theirs.some(own => url.startsWith(own) || own.startsWith(url))).toBe(false)
      }),
      RUNS,
    )
  })
})
