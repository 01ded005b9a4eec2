/**
 * One output, from the broker's answer to a whole file: in parts, gone on with where an earlier try ended, checked, and only then under its name.
 */
import { lstat, mkdir, open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Output, OutputLink } from '@portolan/broker/portolan-schemas'
import type { BrokerClient } from '../broker-client.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { chooseDigest, type Digest, hasDigest } from './digest.ts'
import { fetchPart } from './fetch-part.ts'
import { requireSafe } from './name-files.ts'
import { type ByteWays, openOutputBytes } from './output-bytes.ts'
import { openPartFile } from './part-file.ts'
import { type Part, planParts, sizeParts } from './plan-parts.ts'

export interface Download {
  readonly task: string
  readonly output: Output
  /** Of its file below the folder. */
  readonly segments: readonly string[]
}

export interface DownloadPorts {
  readonly broker: Pick<BrokerClient, 'createOutputLink' | 'outputPath'>
  readonly ways: ByteWays
  readonly folder: string
  /** What is there already under this name gives way. */
  readonly replace: boolean
  /** Runs one part after the other, as many at once as there may be. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>
  readonly progress: (bytes: number) => void
  readonly signal: AbortSignal
}

export interface Downloaded {
  readonly file: string
  readonly bytes: number
  /** What came now; the rest was there. */
  readonly fetched: number
  /** The type of the digest that was right. Absent: the store names none that can be checked here. */
  readonly checked?: string | undefined
}

/** Throws a `Failure` or an `ApiError`; parts that have come stay for the next try. */
export async function download({ task, output, segments }: Download, ports: DownloadPorts): Promise<Downloaded> {
  if (output.delivery === 'none') {
    throw new Failure('Its bytes are not to be had here', { exitCode: EXIT.denied, fix: output.why ?? 'Ask the operator of the broker.' })
  }
  const link = await ports.broker.createOutputLink(task, output.number)
  const digest = chooseDigest(link.checksums ?? [])
  const path = await makePlace(ports.folder, segments)
  const file = segments.join('/')
  const here = await look(path, link, digest, ports)
  if (here === 'whole') {
    ports.progress(link.bytes)
    return { file, bytes: link.bytes, fetched: 0, checked: digest?.type }
  }
  const partBytes = sizeParts(link.bytes)
  await using partial = await openPartFile(path, { etag: link.etag, bytes: link.bytes, partBytes })
  let fetched = 0
  const parts = planParts(link.bytes, partBytes)
  const missing = parts.filter(({ number }) => !partial.done.has(number))
  ports.progress(link.bytes - sumOf(missing))
  const source = openOutputBytes(ports.broker, ports.ways, { task, number: output.number, link })
  const failed = new AbortController()
  const signal = AbortSignal.any([ports.signal, failed.signal])

  const fetchOne = async (part: Part): Promise<void> => {
    if (signal.aborted) return
    const target = {
      bytes: link.bytes,
      etag: link.etag,
      async write(chunk: Uint8Array, at: number) {
        for (let from = 0; from < chunk.length; ) {
          from += (await partial.file.write(chunk, from, chunk.length - from, at + from)).bytesWritten
        }
      },
      progress(bytes: number) {
        fetched += bytes
        ports.progress(bytes)
      },
    }
    try {
      await fetchPart(source, part, target, signal)
      await partial.keep(part)
    } catch (error) {
      failed.abort(error)
    }
  }
  await Promise.all(missing.map(part => ports.inTurn(() => fetchOne(part))))
  signal.throwIfAborted()
  if (digest && !(await hasDigest(partial.file, digest, signal))) {
    await partial.discard()
    throw new Failure(`What came has not the ${digest.type} of its store, and was thrown away`, {
      exitCode: EXIT.failed,
      fix: 'Try again; if it stays, tell the operator of the broker.',
    })
  }
  await partial.finish()
  return { file, bytes: link.bytes, fetched, checked: digest?.type }
}

function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Where the file goes, with its folders made. Throws a `Failure` for what would lie elsewhere. */
async function makePlace(folder: string, segments: readonly string[]): Promise<string> {
  requireSafe(segments)
  await mkdir(folder, { recursive: true })
  const top = await realpath(folder)
  let place = top
  for (const segment of segments.slice(0, -1)) {
    place = join(place, segment)
    await mkdir(place, { recursive: true })
    // A link there would lead elsewhere.
    const real = await realpath(place)
    if (real !== place && !`${real}${sep}`.startsWith(`${top}${sep}`)) {
      throw new Failure(`${place} leads out of the folder`, { exitCode: EXIT.failed, fix: 'Name another folder with --to.' })
    }
  }
  return join(place, segments.at(-1) ?? '')
}

/** Whether the file is there and is the same. Throws a `Failure` if something else has its name. */
async function look(
  path: string,
  link: OutputLink,
  digest: Digest | undefined,
  { replace, signal }: DownloadPorts,
): Promise<'missing' | 'whole'> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (found === undefined) return 'missing'
  if (found.isFile() && found.size === link.bytes && digest) {
    await using file = await open(path, 'r')
    if (await hasDigest(file, digest, signal)) return 'whole'
  }
  if (replace && !found.isDirectory()) return 'missing'
  throw new Failure('Something else has its name in this folder', {
    exitCode: EXIT.failed,
    fix: 'Use --replace, or name another folder with --to.',
  })
}
