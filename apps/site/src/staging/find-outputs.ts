/**
 * Which files of a task's folder an output means, and where each of them goes.
 */
import { readdir, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { hasWildcard, type TesFileType, type TesOutput } from '@portolan/tes'
import { isS3Url } from '../s3/s3-url.ts'
import { fixedDirectory, isAtOrBelow, normalise } from '../tasks/container-path.ts'
import type { TaskRoot } from '../tasks/task-root.ts'
import { compileSegment } from './match-pattern.ts'
import { StagingFailed } from './staging-failed.ts'

/** Links can make a few files look like any number. */
const MAX_FILES = 100_000

export interface OutputFile {
  /** The path in the container. */
  readonly path: string
  /** The path on this machine. */
  readonly source: string
  readonly url: string
  readonly size: number
}

/** What lies below an output and is no file that could be stored. */
export interface LeftOut {
  /** The path in the container. */
  readonly path: string
  readonly why: string
}

export interface FoundOutput {
  readonly files: readonly OutputFile[]
  readonly leftOut: readonly LeftOut[]
  /** What it turned out to be; undefined for a pattern, and where nothing is there. */
  readonly type?: TesFileType | undefined
}

/** Looks at what is there: a directory under the type FILE is taken as a directory. Empty where the executors made nothing. */
export async function findOutput(output: TesOutput, root: TaskRoot): Promise<FoundOutput> {
  const seen: Seen = { entries: 0, leftOut: [] }
  const { leftOut } = seen
  if (hasWildcard(output.path)) return { files: await findMatches(output, root, seen), leftOut }
  const path = normalise(output.path)
  const source = await root.resolve(path)
  if (source === undefined) return { files: [], leftOut }
  const found = await stat(source)
  if (found.isDirectory()) return { files: await listFiles(root, path, output.url, [source], seen), leftOut, type: 'DIRECTORY' }
  if (!found.isFile()) throw new StagingFailed(`${path} is neither a file nor a directory: let the task write its bytes to a file`)
  return { files: [{ path, source, url: output.url, size: found.size }], leftOut, type: 'FILE' }
}

/** What the look at one output has seen so far. */
interface Seen {
  entries: number
  readonly leftOut: LeftOut[]
}

const NO_FILE = 'neither a file nor a directory'
const LEADS_NOWHERE = 'a link to nothing below a declared path'
const LEADS_AROUND = 'a link to a directory around it'

async function findMatches(output: TesOutput, root: TaskRoot, seen: Seen): Promise<OutputFile[]> {
  const prefix = normalise(output.path_prefix ?? '/')
  const start = fixedDirectory(output.path)
  const segments = normalise(output.path)
    .split('/')
    .slice(start === '/' ? 1 : start.split('/').length)
  let matches = [start]
  for (const segment of segments) {
    const test = compileSegment(segment)
    const next: string[] = []
    for (const directory of matches) {
      const source = await root.resolve(directory)
      const names = source === undefined ? [] : await readdir(source).catch(() => [])
      next.push(...names.filter(test).map(name => posix.join(directory, name)))
    }
    matches = next
    if (matches.length > MAX_FILES) throw tooMany(output.path)
  }
  const files: OutputFile[] = []
  for (const path of matches.sort()) {
    const source = await root.resolve(path)
    if (source === undefined) {
      seen.leftOut.push({ path, why: LEADS_NOWHERE })
      continue
    }
    const rest = isAtOrBelow(path, prefix) ? path.slice(prefix === '/' ? 0 : prefix.length) : path
    const url = join(output.url, rest)
    const found = await stat(source)
    if (found.isDirectory()) files.push(...(await listFiles(root, path, url, [source], seen)))
    else if (found.isFile()) files.push({ path, source, url, size: found.size })
    else seen.leftOut.push({ path, why: NO_FILE })
  }
  return files
}

/** All files below a directory. A link to a directory around itself is left out, else there would be no end. */
async function listFiles(root: TaskRoot, path: string, url: string, around: readonly string[], seen: Seen): Promise<OutputFile[]> {
  const files: OutputFile[] = []
  const directory = around.at(-1) ?? ''
  for (const name of (await readdir(directory)).sort()) {
    if (++seen.entries > MAX_FILES) throw tooMany(path)
    const inner = posix.join(path, name)
    const source = await root.resolve(inner)
    if (source === undefined || around.some(parent => isAtOrBelow(parent, source))) {
      seen.leftOut.push({ path: inner, why: source === undefined ? LEADS_NOWHERE : LEADS_AROUND })
      continue
    }
    const found = await stat(source)
    if (found.isDirectory()) files.push(...(await listFiles(root, inner, join(url, name), [...around, source], seen)))
    else if (found.isFile()) files.push({ path: inner, source, url: join(url, name), size: found.size })
    else seen.leftOut.push({ path: inner, why: NO_FILE })
  }
  return files
}

function tooMany(path: string): StagingFailed {
  return new StagingFailed(`${path} has more than ${MAX_FILES} files, those behind its links counted: store an archive of them`)
}

/** A URL and a path below it. In a real URL each segment is escaped; a bare path and a key in S3 are what they say. */
function join(url: string, rest: string): string {
  const isBare = url.startsWith('/') || isS3Url(url)
  const query = isBare ? -1 : url.indexOf('?')
  const [stem, end] = query < 0 ? [url, ''] : [url.slice(0, query), url.slice(query)]
  const segments = rest.split('/').filter(Boolean)
  return `${stem.replace(/\/+$/, '')}/${segments.map(segment => (isBare ? segment : encodeURIComponent(segment))).join('/')}${end}`
}
