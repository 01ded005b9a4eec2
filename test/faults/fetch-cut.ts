/**
 * What a task has left, fetched by the command line from a broker that is a process of its own, while the command is killed in the middle and run again:
 * which parts are asked for how often, whether the file is right in the end, and what it costs the broker in memory.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createFakeSite } from '@portolan/tes/testing'
import { until } from '../harness/until.ts'
import { makeSecret } from '../leaks/secrets.ts'
import { type S3Server, startS3 } from '../s3/stand-in.ts'
import { openFederation } from './fake-federation.ts'

const MIB = 2 ** 20
/** Of the command. */
const PART_BYTES = 16 * MIB
const LOOK_EVERY_MS = 100
const KEY = { accessKey: makeSecret('fetch-access'), secretKey: makeSecret('fetch-secret'), reader: 'broker' }
const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))

export const DELIVERIES = ['direct', 'relay'] as const
export type Delivery = (typeof DELIVERIES)[number]

export interface FetchPlan {
  readonly parallel: number
  /** The command is killed when the store has sent so many parts more, with others on their way. */
  readonly cutAfter: readonly number[]
}

export interface Fetched {
  /** Of all commands together. */
  readonly seconds: number
  /** The file has the digest of what was left. */
  readonly isRight: boolean
  /** What the command was content with. */
  readonly checked: unknown
  /** How many parts the file has, and how many requests the store had for them. */
  readonly parts: number
  readonly asked: number
  /** Parts that were safe on the disk when a command was killed, one number for each. */
  readonly keptAtCuts: readonly number[]
  /** Of these, parts that were asked for again. */
  readonly askedInVain: readonly number[]
  /** The most that its heap and its buffers held more than at the beginning, in 10^6 bytes. */
  readonly heldMb: number
  /** The most that was resident more than at the beginning: with the first bytes V8 takes its young space, and keeps it. */
  readonly grownMb: number
  /** The same from the second quarter of the time on. */
  readonly residentMb: number
}

export interface FetchWorld extends AsyncDisposable {
  fetch(delivery: Delivery, plan: FetchPlan): Promise<Fetched>
}

/** A broker, its store, and a task that has left a file of so many bytes for each delivery. */
export async function openFetchWorld(bytes: number): Promise<FetchWorld> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'portolan-fetch-')), path => rm(path, { recursive: true, force: true }))
  await writeFile(join(folder, 'access'), KEY.accessKey)
  await writeFile(join(folder, 'secret'), KEY.secretKey)
  const s3 = stack.use(await startS3({ buckets: [...DELIVERIES], keys: [KEY], folder: join(folder, 's3') }))
  const left = await makeFile(s3.bucket('direct').newPath(), bytes)
  const site = stack.use(await createFakeSite({ progress: 'manual' }))
  const federation = stack.use(await openFederation({ berlin: site }, { locations: DELIVERIES.map(id => locationOf(id, s3, folder)) }))
  await federation.spawn()
  const id = await federation.submit({ outputs: DELIVERIES.map(name => ({ url: `s3://${name}/result`, path: `/out/${name}` })) })
  await until('the site has it', () => site.tasks.size === 1)
  for (const name of DELIVERIES) s3.bucket(name).keep({ key: 'result', etag: `"${left.md5}"`, segments: [{ path: left.path, bytes }] })
  site.advance(3)
  await federation.reach(id, 'COMPLETE')
  const owned = stack.move()

  async function fetchCut(delivery: Delivery, { parallel, cutAfter }: FetchPlan): Promise<Fetched> {
    const to = await mkdtemp(join(folder, 'to-'))
    const args = ['outputs', 'get', id, delivery, '--to', to, '--parallel', String(parallel), '--url', federation.url, '--json']
    const asked: string[][] = []
    const kept: ReadonlySet<string>[] = []
    await using memory = watchMemory(federation.url)
    const begun = performance.now()
    for (const parts of cutAfter) {
      s3.requests.length = 0
      s3.faults.add({ kind: 'hold' }, { operation: 'GetObject', after: parts })
      const command = startCommand(args)
      await until('so many parts were sent', () => rangesOf(s3).length >= parts)
      command.kill('SIGKILL')
      await once(command, 'close')
      s3.faults.clear()
      asked.push(rangesOf(s3))
      kept.push(readKept(join(to, `.${delivery}.portolan`), bytes))
    }
    s3.requests.length = 0
    const command = startCommand(args)
    const [said] = await Promise.all([text(command.stdout), once(command, 'close')])
    asked.push(rangesOf(s3))
    const seconds = (performance.now() - begun) / 1_000
    const isRight = command.exitCode === 0 && (await digestOf(join(to, delivery))) === left.sha256
    return {
      seconds,
      isRight,
      checked: JSON.parse(said || '{}').checked,
      parts: Math.ceil(bytes / PART_BYTES),
      asked: asked.flat().length,
      keptAtCuts: kept.map(({ size }) => size),
      askedInVain: kept.map(
        (safe, cut) =>
          asked
            .slice(cut + 1)
            .flat()
            .filter(range => safe.has(range)).length,
      ),
      ...memory.most(),
    }
  }

  return { fetch: fetchCut, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function locationOf(id: Delivery, s3: S3Server, folder: string): object {
  return {
    ...{ id, country: 'DE', kind: 's3', endpoint: s3.origin, delivery: id },
    credential: { kind: 's3', accessKeyRef: `file:${join(folder, 'access')}`, secretKeyRef: `file:${join(folder, 'secret')}` },
    prefixes: [{ url: `s3://${id}/`, sensitivity: 'public', outputs: true }],
  }
}

/** Of which no two parts are alike. */
async function makeFile(path: string, bytes: number): Promise<{ readonly path: string; readonly md5: string; readonly sha256: string }> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')]
  const block = randomBytes(MIB)
  await using file = await open(path, 'wx')
  for (let from = 0; from < bytes; from += MIB) {
    block.writeDoubleLE(from)
    const part = block.subarray(0, Math.min(MIB, bytes - from))
    for (const sum of [md5, sha256]) sum.update(part)
    await file.writeFile(part)
  }
  return { path, md5: md5.digest('hex'), sha256: sha256.digest('hex') }
}

async function digestOf(path: string): Promise<string> {
  const sum = createHash('sha256')
  await pipeline(createReadStream(path), sum)
  return sum.digest('hex')
}

function startCommand(args: readonly string[]): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  return spawn(process.execPath, [CLI, ...args], { env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Of the requests for content that were answered. */
function rangesOf({ requests }: S3Server): string[] {
  return requests.flatMap(({ operation, status, range }) => (operation === 'GetObject' && status === 206 && range ? [range] : []))
}

/** The ranges of the parts that a command has noted as safe. */
function readKept(journal: string, bytes: number): ReadonlySet<string> {
  if (!existsSync(journal)) return new Set()
  using noted = new DatabaseSync(journal)
  const numbers = noted.prepare('select number from parts').all()
  return new Set(
    numbers.map(({ number }) => {
      const from = (Number(number) - 1) * PART_BYTES
      return `bytes=${from}-${Math.min(from + PART_BYTES, bytes) - 1}`
    }),
  )
}

interface MemoryWatch extends AsyncDisposable {
  most(): Pick<Fetched, 'heldMb' | 'grownMb' | 'residentMb'>
}

/** Looks again and again, until it is disposed. */
function watchMemory(url: string): MemoryWatch {
  const stop = new AbortController()
  const seen: { readonly resident: number; readonly held: number }[] = []

  async function look(): Promise<void> {
    const metrics = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) })).text()
    const read = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1])
    const held = read('nodejs_heap_size_used_bytes') + read('nodejs_external_memory_bytes')
    seen.push({ resident: read('process_resident_memory_bytes'), held })
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      await look()
      await pause(LOOK_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }

  const running = run()
  return {
    most() {
      const growth = (values: readonly number[]): number => (Math.max(...values) - (values[0] ?? Number.NaN)) / 1e6
      const resident = seen.map(one => one.resident)
      const warm = resident.slice(Math.floor(resident.length / 4))
      return {
        heldMb: growth(seen.map(one => one.held)),
        grownMb: growth(resident),
        residentMb: growth(warm),
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}
