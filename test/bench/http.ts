/**
 * GET MINIMAL, GET FULL and POST against the bare handler of `reference.ts`: both servers in processes of their own, under the same load in turn,
 * 10,000 tasks, random ids. Run it by itself, or take `benchHttp` into a larger run.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { applyLoad } from './load.ts'

const TASKS = 10_000
const CONNECTIONS = 32
const ROUNDS = 6
const ROUND_MS = 1_500

/** The least that the issue of the day asks for, as a part of the reference. */
const BARS = { 'get-minimal': 0.6, 'get-full': 0.4, post: 0.5 } as const
type RowId = keyof typeof BARS

export interface BenchRow {
  readonly id: string
  readonly value: number
  readonly unit: string
  readonly against: number
  readonly ratio: number
  readonly bar: number
  readonly holds: boolean
  readonly samples: readonly number[]
}

const document = {
  name: 'nf-align',
  tags: { run: 'bench', sample: 'a' },
  inputs: ['.command.sh', '.command.run', 'reads_1.fq.gz', 'reads_2.fq.gz'].map(name => ({
    name,
    url: `s3://bench-work/ab/cdef0123456789/${name}`,
    path: `/work/${name}`,
    type: 'FILE',
  })),
  outputs: ['.command.out', '.command.err', '.exitcode'].map(name => ({
    url: `s3://bench-work/ab/cdef0123456789/${name}`,
    path: `/work/${name}`,
  })),
  executors: [
    {
      image: 'quay.io/biocontainers/bowtie2:2.5.4',
      command: ['bash', '-o', 'pipefail', '-c', 'bash /work/.command.run 2>&1 | tee /work/.command.log'],
      workdir: '/work',
      env: { NXF_DEBUG: '0' },
    },
  ],
  resources: { cpu_cores: 4, ram_gb: 8, disk_gb: 20, backend_parameters_strict: false },
}
const documentText = JSON.stringify(document)

const get = (path: string): string => `GET /ga4gh/tes/v1/tasks/${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
const POST = `POST /ga4gh/tes/v1/tasks HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${documentText.length}\r\n\r\n${documentText}`

export async function benchHttp(): Promise<BenchRow[]> {
  const [broker, reference] = await Promise.all([start('./broker-server.ts'), start('./reference.ts')])
  try {
    const ids = await fill(broker.port)
    const [id = ''] = ids
    const [minimal = '', full = ''] = await Promise.all(['', '?view=FULL'].map(query => readOne(broker.port, id + query)))
    const { name, tags } = document
    const row = {
      kind: 'task',
      project: 'local',
      visibility: 'owner',
      name,
      tags,
      documentText,
      notes: [],
      createdAt: 0,
      rerunnable: false,
    }
    reference.child.send({ minimal: JSON.parse(minimal), full: JSON.parse(full), row })
    const randomId = (): string => ids[Math.floor(Math.random() * ids.length)] ?? id
    const requests: Record<RowId, () => string> = {
      'get-minimal': () => get(randomId()),
      'get-full': () => get(`${randomId()}?view=FULL`),
      post: () => POST,
    }
    const rows: BenchRow[] = []
    for (const id of ['get-minimal', 'get-full', 'post'] as const) rows.push(await compare(id, broker.port, reference.port, requests[id]))
    return rows
  } finally {
    broker.child.disconnect()
    reference.child.disconnect()
  }
}

/** Alternates the two, so that what else the machine does falls on both. The first round warms up. */
async function compare(id: RowId, brokerPort: number, referencePort: number, next: () => string): Promise<BenchRow> {
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [port, into] of [
      [brokerPort, ours],
      [referencePort, theirs],
    ] as const) {
      const { perSecond } = await applyLoad({ port, connections: CONNECTIONS, ms: ROUND_MS, next })
      if (round > 0) into.push(Math.round(perSecond))
    }
  }
  const value = median(ours)
  const against = median(theirs)
  const ratio = Math.round((value / against) * 1_000) / 1_000
  return { id: `http-${id}`, value, unit: 'requests/s', against, ratio, bar: BARS[id], holds: ratio >= BARS[id], samples: ours }
}

async function fill(port: number): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < TASKS) {
    const { bodies } = await applyLoad({ port, connections: 250, ms: 0, next: () => POST })
    for (const body of bodies) ids.push(JSON.parse(body).id)
  }
  return ids
}

async function readOne(port: number, path: string): Promise<string> {
  const { bodies } = await applyLoad({ port, connections: 1, ms: 0, next: () => get(path) })
  return bodies[0] ?? ''
}

async function start(file: string): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = fork(new URL(file, import.meta.url), { execPath: process.execPath })
  const [address] = await once(child, 'message')
  return { child, port: address.port }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

if (import.meta.main) {
  for (const row of await benchHttp()) {
    console.log(`${row.id}: ${row.value} of ${row.against} ${row.unit}, ${(row.ratio * 100).toFixed(0)} % (bar ${row.bar * 100} %)`)
  }
}
