/**
 * What workflow engines send, as they send it, and what of the answers they depend on. Every row was taken from an engine's own source or traffic.
 */
import type { LocationId } from '@portolan/federation'
import { TesTask } from '@portolan/tes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from '../../apps/broker/test/call.ts'
import { type RunningApi, startApi } from '../../apps/broker/test/start-api.ts'

/** Where the work directories of engines are served that name files by path. */
const WORK = {
  id: 'work' as LocationId,
  country: 'DE',
  kind: 's3',
  pathMaps: ['/data/', '/home/user/', '/cromwell-executions/'].map(from => ({ from, to: `s3://work${from}` })),
  prefixes: [{ url: 's3://work/', sensitivity: 'public', access: 'share', outputs: true }],
} as const

let api: RunningApi
beforeAll(async () => {
  api = await startApi({ snapshot: { id: 's', at: 0, policyVersion: 'p', sites: [], locations: [WORK], projects: [] } })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
})

const executor = { image: 'quay.io/biocontainers/samtools:1.21', command: ['/bin/bash', '-c', 'true'] }

/** Client, base path, body of its create, the query of its polls and its headers. */
const creates: readonly (readonly [client: string, base: string, body: object, poll: string, headers: Record<string, string>])[] = [
  [
    'Nextflow, which names files by bare paths and asks without a view',
    '/v1',
    {
      name: 'nf-1',
      resources: { cpu_cores: 1, ram_gb: 1, disk_gb: 1, backend_parameters_strict: false },
      inputs: [
        { name: '.command.sh', url: '/data/work/ab/cd/.command.sh', path: '/work/.command.sh' },
        { name: 'reads', url: '/data/reads', path: '/work/reads', type: 'DIRECTORY' },
      ],
      outputs: [
        { name: '.exitcode', url: '/data/work/ab/cd/.exitcode', path: '/work/.exitcode' },
        { url: '/data/work/ab/cd', path: '/work/*.bam', path_prefix: '/work', type: 'FILE' },
      ],
      executors: [
        {
          ...executor,
          command: ['bash', '-o', 'pipefail', '-c', 'bash /work/.command.run 2>&1 | tee /work/.command.log'],
          workdir: '/work',
        },
      ],
    },
    '',
    { 'user-agent': 'Swagger-Codegen/1.0.0/java' },
  ],
  ['Nextflow with a slash at the end of its endpoint', '//v1', { executors: [executor] }, '', {}],
  [
    'Snakemake, which sends its script inline',
    '/v1',
    {
      name: 'snakejob.align.1.sh',
      description: '',
      inputs: [{ url: '', path: '/tmp/run_snakemake.sh', content: '#!/bin/sh\npython -m snakemake' }],
      outputs: [{ url: 'file:///home/user/out.bam', path: '/tmp/out.bam' }],
      executors: [{ image: 'snakemake', command: ['/bin/bash', '/tmp/run_snakemake.sh'], workdir: '/tmp' }],
      resources: {},
      volumes: [],
      tags: {},
    },
    '?view=MINIMAL',
    { authorization: 'Basic Tm9uZTpOb25l' },
  ],
  [
    'Cromwell, which sends nulls in maps and backend parameters of its own',
    '/ga4gh/tes/v1',
    {
      id: null,
      name: 'wf.call',
      description: null,
      tags: { workflow_id: 'a', parent_workflow_id: null },
      resources: {
        cpu_cores: null,
        ram_gb: 2.0,
        preemptible: false,
        zones: null,
        backend_parameters: { internal_path_prefix: '/cromwell-executions', workflow_execution_identity: null },
        backend_parameters_strict: false,
      },
      inputs: [
        {
          name: 'script',
          description: null,
          url: '/cromwell-executions/wf/script',
          path: '/cromwell-executions/wf/script',
          type: 'FILE',
          content: null,
        },
      ],
      outputs: [{ name: 'rc', description: null, url: '/cromwell-executions/wf/rc', path: '/cromwell-executions/wf/rc', type: 'FILE' }],
      executors: [{ image: 'ubuntu', command: ['/bin/bash', '/cromwell-executions/wf/script'], workdir: null, stdin: null, env: null }],
      volumes: null,
      logs: null,
    },
    '?view=FULL',
    { 'user-agent': 'akka-http/10.2.10' },
  ],
  [
    'Galaxy, which sends null for all that it has not set',
    '/ga4gh/v1',
    {
      id: null,
      state: null,
      name: 'pulsar',
      inputs: null,
      outputs: null,
      tags: null,
      logs: null,
      creation_time: null,
      executors: [
        { ...executor, ignore_error: null },
        { ...executor, env: { A: 'b' } },
      ],
      volumes: ['/pulsar_staging'],
      resources: { cpu_cores: 1, backend_parameters: {} },
    },
    '?view=FULL',
    {},
  ],
  [
    'Sprocket, which groups its tasks by a tag',
    '/ga4gh/tes/v1',
    {
      name: 'task',
      tags: { 'crankshaft-task-group': 'g1' },
      inputs: [{ url: 's3://bucket/inputs/abc', path: '/mnt/task/inputs/0', type: 'FILE' }],
      outputs: [{ url: 's3://bucket/outputs/work', path: '/mnt/task/work', type: 'DIRECTORY' }],
      executors: [{ ...executor, ignore_error: true, stdout: '/mnt/task/stdout', stderr: '/mnt/task/stderr' }],
      resources: { cpu_cores: 1, ram_gb: 1, preemptible: true },
      volumes: ['/mnt/disk'],
    },
    '?view=FULL',
    {},
  ],
  [
    'the Funnel CLI with its empty password',
    '/v1',
    { name: 'hello', executors: [executor] },
    '?view=FULL',
    { authorization: 'Basic Og==' },
  ],
]

describe.each(creates)('%s', (_, base, body, poll, headers) => {
  const get = (path: string) => call(api.port, { path: `${base}${path}`, headers: { ...headers, 'content-type': 'application/json' } })

  it('creates, polls and cancels', async () => {
    const created = await call(api.port, { method: 'POST', path: `${base}/tasks`, headers, body: JSON.stringify(body) })
    expect([created.status, created.text]).toEqual([200, expect.stringMatching(/^\{"id":"[A-Za-z0-9]+"\}$/)])
    expect(created.headers['content-type']).toMatch(/^application\/json/)
    const { id } = JSON.parse(created.text)

    const polled = await get(`/tasks/${id}${poll}`)
    expect([polled.status, polled.text]).toEqual([200, expect.not.stringMatching(/null/)])
    const shown = JSON.parse(polled.text)
    expect(shown).toMatchObject({ id, state: 'QUEUED' })
    if (poll.includes('FULL')) expect(TesTask.parse(shown)).toEqual(shown)
    else expect(shown).toEqual({ id, state: 'QUEUED' })

    // Sprocket sends the JSON text null, others an empty body that is declared as JSON.
    for (const cancelBody of ['null', '{}', '']) {
      const cancelled = await call(api.port, { method: 'POST', path: `${base}/tasks/${id}:cancel`, headers, body: cancelBody })
      expect([cancelled.status, cancelled.text]).toEqual([200, '{}'])
    }
    const deleted = await call(api.port, { method: 'DELETE', path: `${base}/tasks/${id}:cancel`, headers })
    expect([deleted.status, deleted.text]).toEqual([200, '{}'])
  })
})

describe('the clients’ other requests', () => {
  it('Sprocket lists its group with the largest page', async () => {
    const answer = await call(api.port, {
      path: '/ga4gh/tes/v1/tasks?tag_key=crankshaft-task-group&tag_value=g1&page_size=2047&view=MINIMAL',
    })
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { tasks: [{ id: expect.any(String), state: expect.any(String) }] }])
  })

  it.each(['/ga4gh/tes/v1', '/v1', ''])('py-tes finds service-info below "%s", in full and in its old form', async base => {
    const full = await call(api.port, { path: `${base}/service-info` })
    expect([full.status, JSON.parse(full.text).type.artifact]).toEqual([200, 'tes'])
    const old = await call(api.port, { path: `${base}/tasks/service-info` })
    expect([old.status, Object.keys(JSON.parse(old.text))]).toEqual([200, ['name', 'doc', 'storage']])
  })

  it('py-tes goes on after a 404 and never sees a 401', async () => {
    for (const path of ['/v2/tasks', '/ga4gh/tes/tasks', '/api/v1/tasks']) expect((await call(api.port, { path })).status).toBe(404)
  })

  it('the web components list five at a time with a loose ampersand', async () => {
    const answer = await call(api.port, { path: '/ga4gh/tes/v1/tasks?page_size=5&view=MINIMAL&' })
    expect([answer.status, JSON.parse(answer.text).tasks.length]).toEqual([200, 5])
  })
})
