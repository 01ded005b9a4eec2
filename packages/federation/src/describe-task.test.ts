import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { buildInput } from '../test/build.ts'
import { describeTask } from './describe-task.ts'
import { HINT_KEYS, readHints } from './hints.ts'
import type { ProjectId, SiteId, WorkId } from './ids.ts'

const meta = { id: 'w1' as WorkId, project: 'p' as ProjectId, documentBytes: 321, triedSites: ['a' as SiteId] }

describe('a task as placement sees it', () => {
  it('keeps images, inputs with their places, outputs, resources, features and hints', () => {
    const reads = buildInput('reads.fq', ['store'])
    const task: TesTask = {
      executors: [
        { image: 'ubuntu:24.04', command: ['true'], ignore_error: true },
        { image: 'ubuntu:24.04', command: ['true'] },
      ],
      inputs: [
        { url: 's3://store/reads.fq', path: '/in/reads.fq' },
        { content: 'hello', path: '/in/hello' },
        { url: 'https://elsewhere.org/x', path: '/in/x' },
      ],
      outputs: [{ url: 's3://store/out/', path: '/out/*.bam', path_prefix: '/out' }],
      resources: {
        cpu_cores: 4,
        ram_gb: 1.5,
        disk_gb: 10,
        backend_parameters: { Queue: 'long', portolan_locality: 'require' },
        backend_parameters_strict: true,
      },
      tags: { portolan_site: 'charite', portolan_rerunnable: 'true', portolan_max_runtime: '2h' },
    }
    expect(describeTask(task, meta, [reads])).toEqual({
      id: 'w1',
      kind: 'task',
      project: 'p',
      images: ['ubuntu:24.04'],
      inputs: [
        reads,
        { path: '/in/hello', replicas: [], bytes: 5, files: 1, assumed: false },
        { url: 'https://elsewhere.org/x', path: '/in/x', replicas: [], bytes: 0, files: 1, assumed: true },
      ],
      outputs: [{ url: 's3://store/out/', path: '/out/*.bam' }],
      cpuCores: 4,
      ramBytes: 1_500_000_000,
      diskBytes: 10_000_000_000,
      features: { ignoreError: true, wildcards: true },
      backendParameters: ['queue'],
      backendParametersStrict: true,
      documentBytes: 321,
      hints: { site: 'charite', locality: 'require', rerunnable: true, maxRunMs: 7_200_000 },
      triedSites: ['a'],
    })
  })

  it('takes one core and nothing else for a task that names nothing', () => {
    expect(describeTask({ executors: [{ image: 'x', command: ['y'] }] }, { ...meta, triedSites: [] }, [])).toEqual({
      id: 'w1',
      kind: 'task',
      project: 'p',
      images: ['x'],
      inputs: [],
      outputs: [],
      cpuCores: 1,
      ramBytes: 0,
      diskBytes: 0,
      features: { ignoreError: false, wildcards: false },
      backendParameters: [],
      backendParametersStrict: false,
      documentBytes: 321,
      hints: { site: undefined, locality: 'prefer', rerunnable: false, maxRunMs: undefined },
      triedSites: [],
    })
  })
})

describe('hints', () => {
  const read = (tags: Record<string, string>, backend_parameters: Record<string, string> = {}) =>
    readHints({ executors: [], tags, resources: { backend_parameters } })

  it.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['45m', 2_700_000],
    ['45 min', 2_700_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
  ])('a run time of %s is %d ms', (text, ms) => {
    expect(read({ portolan_max_runtime: text })).toMatchObject({ hints: { maxRunMs: ms }, problems: [] })
  })

  it.each(['', '0', '-5', 'soon', '1.5h', '400d', '2h 5x'])('a run time of %j is a problem with a fix, and counts as not given', text => {
    expect(read({ portolan_max_runtime: text })).toMatchObject({
      hints: { maxRunMs: undefined },
      problems: [{ path: 'tags.portolan_max_runtime', message: `portolan_max_runtime cannot be ${JSON.stringify(text)}` }],
    })
  })

  it('a tag wins over a backend parameter, and a backend parameter may be in any case', () => {
    expect(read({ portolan_site: 'a' }, { PORTOLAN_SITE: 'b' }).hints.site).toBe('a')
    expect(read({}, { PORTOLAN_SITE: 'b' }).hints.site).toBe('b')
    expect(read({}, { Portolan_Project: 'spe4hd' }).project).toBe('spe4hd')
  })

  it.each([
    ['tags', { portolan_site: 'de', Portolan_Site: 'us' }, {}],
    ['resources.backend_parameters', {}, { portolan_site: 'de', Portolan_Site: 'us' }],
  ])('two %s that differ in case alone are a problem that names both, and count as not given', (where, tags, parameters) => {
    expect(read(tags, parameters)).toMatchObject({
      hints: { site: undefined },
      problems: [
        {
          path: `${where}.portolan_site`,
          message: 'portolan_site is given twice, as portolan_site and as Portolan_Site',
          fix: 'Give it once; capitals make no difference.',
        },
      ],
    })
  })

  it('every bad value is reported, with its place', () => {
    const bad = Object.fromEntries(HINT_KEYS.map(key => [key, 'not / good']))
    expect(read({}, bad).problems.map(problem => problem.path)).toEqual([
      'resources.backend_parameters.portolan_site',
      'resources.backend_parameters.portolan_locality',
      'resources.backend_parameters.portolan_project',
      'resources.backend_parameters.portolan_rerunnable',
      'resources.backend_parameters.portolan_max_runtime',
    ])
  })
})
