import type { TesTask } from '@portolan/tes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anySnapshot, anyWork } from '../test/arbitrary.ts'
import {
  buildInput,
  buildLocation,
  buildPrefix,
  buildProject,
  buildSite,
  buildSnapshot,
  buildStatus,
  locationId,
  projectId,
  siteId,
} from '../test/build.ts'
import old from '../test/rows/records-of-rules-2.json' with { type: 'json' }
import type { ExtraVerdicts, Snapshot } from './decision.ts'
import { describeTask } from './describe-task.ts'
import type { LocationId, WorkId } from './ids.ts'
import type { Location } from './location.ts'
import { mapPaths } from './map-paths.ts'
import { readNumbers, writeNumbers } from './numbers.ts'
import { place } from './place.ts'
import type { Project } from './project.ts'
import { type DecisionRecord, packDecision, policyText, RULES_VERSION, replayDecision } from './record.ts'
import type { LocatedInput, Work } from './work.ts'

const digests = { policy: 'a'.repeat(64), task: 'b'.repeat(64) }

function roundTrip(snapshot: Snapshot, work: Work, task: TesTask, extra?: ExtraVerdicts) {
  const decision = place(snapshot, work, extra)
  const kept = JSON.stringify(packDecision(snapshot, work, decision, digests, extra))
  const replayed = replayDecision(JSON.parse(kept), { policy: policyText(snapshot), task: JSON.stringify(task) })
  return { decision: JSON.stringify(decision), replayed: JSON.stringify(replayed), kept }
}

/** A task that describes itself as the work item, as far as a document can. */
function taskOf(work: Work): TesTask {
  return {
    executors: work.images.map(image => ({ image, command: ['true'] })),
    inputs: work.inputs.map(({ url, path }) => ({ url, path })),
    outputs: work.outputs.map(({ url, path }) => ({ url, path })),
    resources: { cpu_cores: work.cpuCores },
    tags: { portolan_locality: work.hints.locality },
  }
}

describe('what is kept of a decision', () => {
  it('gives the same bytes again, whatever the federation and the task', () => {
    fc.assert(
      fc.property(anySnapshot, anyWork, (snapshot, any) => {
        const task = taskOf(any)
        const named = any.inputs.map((input, i) => ({ ...input, path: `/in/${i}` }))
        task.inputs = named.map(({ url, path }) => ({ url, path }))
        const work = describeTask(task, any, named)
        const { decision, replayed } = roundTrip(snapshot, work, task)
        expect(replayed).toBe(decision)
      }),
      { numRuns: 1000 },
    )
  })

  it('gives the rules that were decided elsewhere again', () => {
    const snapshot = buildSnapshot([
      buildSite('a', { policy: { siteRules: true } }),
      buildSite('b', { policy: { siteRules: true } }),
      buildSite('c', { policy: { siteRules: true } }),
    ])
    const task: TesTask = { executors: [{ image: 'ubuntu', command: ['true'] }] }
    const work = describeTask(task, { id: 'w1' as WorkId, project: projectId('p'), documentBytes: 1, triedSites: [] }, [])
    const extra = { [siteId('a')]: [{ code: 'SITE_RULE', detail: 'not on Sundays', fix: 'Come on Monday.' }], [siteId('b')]: [] } as const
    const { decision, replayed } = roundTrip(snapshot, work, task, extra)
    expect(replayed).toBe(decision)
    expect(JSON.parse(decision)).toMatchObject({ chosen: 'b', counts: { pass: 1, SITE_RULE: 2 } })
  })

  it('has at most 2 kB for 50 sites and 10 inputs with 3 replicas each', () => {
    const sites = Array.from({ length: 50 }, (_, i) => ({
      site: buildSite(`site-${i}.example.org`, {
        place: { country: i % 5 === 0 ? 'US' : 'DE' },
        holds: i < 3 ? [locationId(`store-${i}`)] : [],
      }),
      status: buildStatus({
        idle: i,
        window: 60,
        waitMs: 1_234_567 + i,
        dispatchedSince: 3,
        drainMs: 1234,
        failuresMilli: 1234 + i,
        attemptsMilli: 99_000 + i,
        learned: { [locationId(`store-${i % 3}`)]: 123_456 * (i + 1), [locationId('elsewhere')]: 1_000 },
      }),
    }))
    const locations = [0, 1, 2].map(i =>
      buildLocation(`store-${i}`, { prefixes: [buildPrefix(`https://data-${i}.example.org/project/`, { residency: ['DE'] })] }),
    )
    const located = Array.from(
      { length: 10 },
      (_, i): LocatedInput => ({
        url: `https://data-0.example.org/project/2026/run-${i}/sample-${i}_R1.fastq.gz`,
        path: `/data/in/sample-${i}_R1.fastq.gz`,
        replicas: [0, 1, 2].map(at => ({
          location: locationId(`store-${at}`),
          url: `https://data-${at}.example.org/project/2026/run-${i}/sample-${i}_R1.fastq.gz`,
        })),
        bytes: 12_345_678_901 + i,
        files: 1,
        assumed: false,
      }),
    )
    const snapshot = buildSnapshot(sites, { locations, id: '01J9ZQ4T6W0000000000000000', policyVersion: 'c'.repeat(64) })
    const task: TesTask = { executors: [{ image: 'ubuntu', command: ['true'] }], inputs: located.map(({ url, path }) => ({ url, path })) }
    const work = describeTask(
      task,
      {
        id: '01J9ZQ4T6W0000000000000001' as WorkId,
        project: projectId('p'),
        documentBytes: 4321,
        triedSites: [siteId('site-7.example.org')],
      },
      located,
    )
    const { decision, replayed, kept } = roundTrip(snapshot, work, task)
    console.info(`kept of a decision on 50 sites and 10 inputs: ${kept.length} bytes (the decision: ${decision.length})`)
    expect(replayed).toBe(decision)
    expect(kept.length).toBeLessThanOrEqual(2000)
  })

  it('says why sites are in trouble, and costs nothing where none is', () => {
    const task: TesTask = { executors: [{ image: 'ubuntu', command: ['true'] }] }
    const work = describeTask(task, { id: 'w1' as WorkId, project: projectId('p'), documentBytes: 1, triedSites: [] }, [])
    const down = { site: buildSite('a'), status: buildStatus({ health: 'down', listTrouble: { kind: 'status', status: 401 } }) }
    const quiet = buildStatus({ listTrouble: { kind: 'refused' }, submitTrouble: { kind: 'refused' } })
    const troubled = roundTrip(buildSnapshot([down, { site: buildSite('b'), status: quiet }]), work, task)
    expect(troubled.replayed).toBe(troubled.decision)
    expect(troubled.decision).toContain("A refuses the broker's credential: 401 Unauthorized")
    expect(JSON.parse(roundTrip(buildSnapshot([{ site: buildSite('b'), status: quiet }]), work, task).kept)).not.toHaveProperty('troubles')
  })

  it('that was made before troubles were kept says the same as then', () => {
    const task: TesTask = { executors: [{ image: 'ubuntu', command: ['true'] }] }
    const snapshot = buildSnapshot([{ site: buildSite('a'), status: buildStatus({ health: 'down', submitBreakerOpen: true }) }])
    const old = {
      rules: 1,
      digests,
      work: 'w1' as WorkId,
      project: projectId('p'),
      documentBytes: 1,
      triedSites: [],
      snapshot: 'snap-1',
      at: 1_800_000_000_000,
      policyVersion: 'policy-1',
      figures: 'DAUAAA',
      inputs: { numbers: '', texts: [] },
      outcome: 'hold',
      chosen: null,
    } as const
    expect(
      replayDecision(old, { policy: policyText(snapshot), task: JSON.stringify(task) })?.sites[0]?.reasons.map(one => one.detail),
    ).toEqual(['A does not answer', 'A failed the latest submissions and gets none for a while'])
    const work = describeTask(task, { id: 'w1' as WorkId, project: projectId('p'), documentBytes: 1, triedSites: [] }, [])
    expect(packDecision(snapshot, work, place(snapshot, work), digests)).toEqual({ ...old, rules: RULES_VERSION })
  })

  it('knows again what paths meant', () => {
    const snapshot = buildSnapshot([buildSite('a')], {
      locations: [buildLocation('store', { pathMaps: [{ from: '/nfs/work/', to: 's3://store/work/' }] })],
    })
    const written: TesTask = {
      executors: [{ image: 'ubuntu', command: ['true'] }],
      inputs: [{ path: '/in', url: '/nfs/work/x' }],
      outputs: [{ path: '/out', url: 'file:///nfs/work/y' }],
    }
    const { task } = mapPaths(written, snapshot.locations, projectId('p'))
    const located = [
      {
        url: 's3://store/work/x',
        path: '/in',
        replicas: [{ location: locationId('store'), url: 's3://store/work/x' }],
        bytes: 5,
        files: 1,
        assumed: false,
      },
    ]
    const work = describeTask(task, { id: 'w1' as WorkId, project: projectId('p'), documentBytes: 1, triedSites: [] }, located)
    const { decision, replayed } = roundTrip(snapshot, work, written)
    expect(replayed).toBe(decision)
    expect(JSON.parse(decision).chosen).toBe('a')
  })

  it('that was made before locations said how their bytes are had is replayed where none says it', () => {
    const task: TesTask = { executors: [{ image: 'ubuntu', command: ['true'] }] }
    const work = describeTask(task, { id: 'w1' as WorkId, project: projectId('p'), documentBytes: 1, triedSites: [] }, [])
    const replay = (location: Partial<Location>, project: Partial<Project> = {}) => {
      const snapshot = buildSnapshot([buildSite('a')], {
        locations: [buildLocation('store', location)],
        projects: [buildProject('p', project)],
      })
      const record = { ...packDecision(snapshot, work, place(snapshot, work), digests), rules: 2 }
      return replayDecision(record, { policy: policyText(snapshot), task: JSON.stringify(task) })
    }
    expect(replay({})?.chosen).toBe('a')
    expect(replay({}, { quota: { queued: 5 } })).not.toBeUndefined()
    for (const newer of [{ links: true }, { credentialsAt: [] }, { pathMaps: [] }, { kind: 'drs' as const }])
      expect(replay(newer)).toBeUndefined()
    expect(replay({}, { owns: ['s3://store/p/'] })).toBeUndefined()
  })

  it.each(old.records)('that the second rules made is replayed to the byte: $says', ({ task, record, decision }) => {
    const texts = { policy: JSON.stringify(old.policy), task: JSON.stringify(task) }
    expect(JSON.stringify(replayDecision(record as unknown as DecisionRecord, texts))).toBe(JSON.stringify(decision))
  })

  it('keeps the rates from the locations of its inputs alone, and costs nothing where none was learned', () => {
    const snapshot = (learned: Record<string, number>) =>
      buildSnapshot([{ site: buildSite('a'), status: buildStatus({ learned: learned as Record<LocationId, number> }) }], {
        locations: [buildLocation('here'), buildLocation('there')],
      })
    const task: TesTask = { executors: [{ image: 'ubuntu', command: ['true'] }], inputs: [{ url: 's3://here/x', path: '/in/x' }] }
    const located = [buildInput('x', ['here'])]
    const work = describeTask(task, { id: 'w1' as WorkId, project: projectId('p'), documentBytes: 1, triedSites: [] }, located)
    const both = roundTrip(snapshot({ here: 8_192, there: 5 }), work, task)
    expect(both.replayed).toBe(both.decision)
    expect(JSON.parse(both.decision)).toMatchObject({ sites: [{ terms: { transferMs: 1_077 } }] })
    expect(both.kept).toBe(roundTrip(snapshot({ here: 8_192, there: 7 }), work, task).kept)
    expect(JSON.parse(roundTrip(snapshot({ there: 5 }), work, task).kept)).not.toHaveProperty('rates')
  })

  it('is not replayed by other rules than those that made it', () => {
    const snapshot = buildSnapshot([buildSite('a')])
    const task: TesTask = { executors: [{ image: 'ubuntu', command: ['true'] }] }
    const work = describeTask(task, { id: 'w1' as WorkId, project: projectId('p'), documentBytes: 1, triedSites: [] }, [])
    const record = packDecision(snapshot, work, place(snapshot, work), digests)
    expect(
      replayDecision({ ...record, rules: record.rules + 1 }, { policy: policyText(snapshot), task: JSON.stringify(task) }),
    ).toBeUndefined()
  })
})

describe('numbers as text', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), numbers => {
        expect(readNumbers(writeNumbers(numbers))).toEqual(numbers)
      }),
    )
  })
})
