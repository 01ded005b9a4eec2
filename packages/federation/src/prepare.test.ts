import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { buildSite } from '../test/build.ts'
import { prepare } from './prepare.ts'

const tags = { 'portolan.broker': 'b', 'portolan.task': 'w1', 'portolan.attempt': 'a1.n.k.s' }
const site = buildSite('here')
const older = buildSite('older', {
  capabilities: { ...site.capabilities, streamable: false, ignoreError: false, wildcards: false, backendParameters: ['queue'] },
})
const executors = [{ image: 'ubuntu:24.04', command: ['true'] }]

describe('the document that a site gets', () => {
  it('is the plain task with our tags', () => {
    expect(prepare({ name: 'n', executors }, site, { tags })).toEqual({
      document: { name: 'n', executors, tags },
      changes: [],
      secrets: [],
    })
  })

  it('T04 has nothing that only a server writes, no null and no wish to the broker', () => {
    const task = {
      id: 'x',
      state: 'RUNNING',
      creation_time: '2026-01-01T00:00:00Z',
      logs: [],
      description: null,
      executors: [{ image: 'ubuntu:24.04', command: ['true'], workdir: null }],
      tags: { keep: 'me', portolan_site: 'a', Portolan_Locality: 'require', GROUP_NAME: 'g', _WORKER_SA: 's', 'portolan.task': 'forged' },
      resources: { cpu_cores: 2, backend_parameters: { PORTOLAN_PROJECT: 'p', queue: 'long' }, backend_parameters_strict: false },
      volumes: [],
    } as unknown as TesTask
    expect(prepare(task, site, { tags })).toEqual({
      document: { executors, resources: { cpu_cores: 2 }, tags: { keep: 'me', ...tags } },
      changes: [
        'backend parameter PORTOLAN_PROJECT is dropped: it speaks to the broker',
        'backend parameter queue is dropped: the site does not know it',
        'tag portolan_site is dropped: it speaks to the broker',
        'tag Portolan_Locality is dropped: it speaks to the broker',
        'tag GROUP_NAME is dropped: it is reserved by sites',
        'tag _WORKER_SA is dropped: it is reserved by sites',
        'tag portolan.task is dropped: only the broker writes it',
        'id is dropped: only a server writes it',
        'state is dropped: only a server writes it',
        'logs is dropped: only a server writes it',
        'creation_time is dropped: only a server writes it',
      ],
      secrets: [],
    })
  })

  it('asks for whole cores', () => {
    expect(prepare({ executors, resources: { cpu_cores: 0.5, ram_gb: 0.5 } }, site, { tags })).toEqual({
      document: { executors, resources: { cpu_cores: 1, ram_gb: 0.5 }, tags },
      changes: ['cpu_cores 0.5 becomes 1: the site counts whole cores'],
      secrets: [],
    })
  })

  it('has either content or a url in each input', () => {
    const inputs = [
      { path: '/a', url: 's3://b/a', content: 'text' },
      { path: '/b', url: 's3://b/b', content: '' },
      { path: '/c', content: '' },
    ]
    const { document, changes } = prepare({ executors, inputs }, site, { tags })
    expect(document.inputs).toEqual([
      { path: '/a', content: 'text' },
      { path: '/b', url: 's3://b/b' },
      { path: '/c', content: '' },
    ])
    expect(changes).toEqual(['the url of input /a is dropped: its content wins'])
  })

  it('leaves out what the site does not know, where that does no harm', () => {
    const task: TesTask = {
      executors: [{ image: 'ubuntu:24.04', command: ['true'], ignore_error: false }],
      inputs: [{ path: '/a', url: 's3://b/a', streamable: true }],
      outputs: [
        { path: '/out/a', url: 's3://b/a', path_prefix: '/out' },
        { path: '/out/*', url: 's3://b/all/', path_prefix: '/out' },
      ],
      resources: { backend_parameters: { Queue: 'long', colour: 'red' } },
    }
    expect(prepare(task, older, { tags })).toEqual({
      document: {
        executors,
        inputs: [{ path: '/a', url: 's3://b/a' }],
        outputs: [
          { path: '/out/a', url: 's3://b/a' },
          { path: '/out/*', url: 's3://b/all/', path_prefix: '/out' },
        ],
        resources: { backend_parameters: { Queue: 'long' } },
        tags,
      },
      changes: [
        'streamable of input /a is dropped: the site does not know it',
        'path_prefix of output /out/a is dropped: the site does not know it',
        'backend parameter colour is dropped: the site does not know it',
        'ignore_error: false is dropped: the site does not know it',
      ],
      secrets: [],
    })
  })

  it('keeps what changes the meaning, and strict backend parameters', () => {
    const task: TesTask = {
      executors: [{ image: 'ubuntu:24.04', command: ['true'], ignore_error: true }],
      inputs: [{ path: '/a', url: 's3://b/a', streamable: true, type: 'FILE' }],
      resources: { backend_parameters: { queue: 'long' }, backend_parameters_strict: true },
      volumes: ['/tmp/v'],
    }
    expect(prepare(task, site, { tags })).toEqual({ document: { ...task, tags }, changes: [], secrets: [] })
  })

  it('names the urls that open something for whoever holds them', () => {
    const url = 'https://store.org/x?X-Amz-Expires=60&X-Amz-Signature=abc'
    const { secrets } = prepare(
      {
        executors,
        inputs: [
          { path: '/x', url },
          { path: '/y', url: 'https://store.org/y?v=1' },
        ],
      },
      site,
      { tags },
    )
    expect(secrets).toEqual([url])
  })

  it('leaves the submitted task as it was', () => {
    const task: TesTask = { executors, tags: { portolan_site: 'a' }, inputs: [{ path: '/a', content: 'x', url: 's3://b/a' }] }
    const before = JSON.stringify(task)
    prepare(task, older, { tags })
    expect(JSON.stringify(task)).toBe(before)
  })
})
