/**
 * Brings the inputs of a task to where its executors will find them.
 */
import { lstat, mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TesFileType, TesInput } from '@portolan/tes'
import { DirectoryIndex } from '../data-server/directory-index.ts'
import type { Buckets } from '../s3/buckets.ts'
import { parseS3Url, type S3Place } from '../s3/s3-url.ts'
import { describeBreak } from '../system-words.ts'
import type { TaskRoot } from '../tasks/task-root.ts'
import { copyOne, copyTree } from './copy-tree.ts'
import { type DownloadLimits, download, refusal, refusePacked } from './download.ts'
import { allowedSource, pathOfUrl } from './file-roots.ts'
import { exchange, shown } from './http-exchange.ts'
import type { OwnData } from './own-data.ts'
import { retry } from './retry.ts'
import { plainSource } from './source.ts'
import { StagingFailed } from './staging-failed.ts'

const MAX_DEPTH = 32
const MAX_ENTRIES = 100_000
const MAX_INDEX_BYTES = 16 * 1024 * 1024

export interface StagingOptions {
  readonly limits: DownloadLimits
  readonly fileRoots: readonly string[]
  readonly own?: OwnData | undefined
  /** Absent: the site has no S3. */
  readonly buckets?: Buckets | undefined
}

/** Stages one input and says what it turned out to be. Throws `StagingFailed` with a sentence for the task's system log. */
export async function stageInput(input: TesInput, root: TaskRoot, options: StagingOptions, signal: AbortSignal): Promise<TesFileType> {
  const target = root.hostPath(input.path)
  await mkdir(dirname(target), { recursive: true })
  if (await lstat(target).catch(() => undefined))
    throw new StagingFailed('another input has this path, or has files below it: give each input a path of its own')
  if (input.content) {
    await writeFile(target, input.content, { flag: 'wx' })
    return 'FILE'
  }
  const url = input.url ?? ''
  const path = pathOfUrl(url)
  if (path !== undefined) return await stageFromDisk(await allowedSource(path, options.fileRoots), target, input.type)
  const place = parseS3Url(url)
  if (place) return await stageObjects(bucketsOf(options), place, target, input.type, options.limits, signal)
  const parsed = parseUrl(url)
  const ownPath = options.own?.pathOf(parsed)
  if (options.own && ownPath !== undefined) return await stageOwn(options.own, ownPath, target, input.type)
  if (input.type === 'DIRECTORY') {
    await downloadDirectory(parsed, target, options.limits, signal, { depth: 0, entries: 0 })
    return 'DIRECTORY'
  }
  await download(plainSource(parsed), target, options.limits, signal)
  return 'FILE'
}

/** Throws `StagingFailed` at a site that has no S3. */
export function bucketsOf({ buckets }: StagingOptions): Buckets {
  if (buckets) return buckets
  throw new StagingFailed('s3:// is not a scheme of this site: use http, https or file, or ask its operator to declare a server with --s3')
}

async function stageObjects(
  buckets: Buckets,
  place: S3Place,
  target: string,
  type: TesFileType | undefined,
  limits: DownloadLimits,
  signal: AbortSignal,
): Promise<TesFileType> {
  if (type !== 'DIRECTORY') {
    await download(buckets.source(place), target, limits, signal)
    return 'FILE'
  }
  await mkdir(target)
  let entries = 0
  for await (const { segments, source } of buckets.list(place, signal)) {
    if (++entries > MAX_ENTRIES) throw tooMany(place.url)
    if (segments.length > MAX_DEPTH) throw tooDeep(place.url)
    const path = join(target, ...segments)
    await mkdir(dirname(path), { recursive: true })
    await download(source, path, limits, signal)
  }
  return 'DIRECTORY'
}

export function parseUrl(url: string): URL {
  const parsed = URL.parse(url)
  if (!parsed) throw new StagingFailed(`${JSON.stringify(url)} is not a URL: write http://, https:// or file:///`)
  return parsed
}

async function stageFromDisk(source: string, target: string, type: TesFileType | undefined): Promise<TesFileType> {
  const isDirectory = await isDirectoryOfBytes(source)
  if (type !== undefined && isDirectory !== (type === 'DIRECTORY')) throw otherType(isDirectory)
  if (isDirectory) await copyTree(source, target)
  else await copyOne(source, target)
  return isDirectory ? 'DIRECTORY' : 'FILE'
}

async function stageOwn(own: OwnData, path: string, target: string, type: TesFileType | undefined): Promise<TesFileType> {
  const source = await own.folder.find(path)
  if (!source) throw new StagingFailed(`${path} is not in this site's data folder: check the URL`)
  const isDirectory = await isDirectoryOfBytes(source)
  if (isDirectory !== (type === 'DIRECTORY')) throw otherType(isDirectory)
  const bytes = isDirectory ? await copyTree(source, target) : await copyOne(source, target)
  own.log.write({ reader: own.siteId, method: 'GET', path, status: 200, bytes, local: true })
  return isDirectory ? 'DIRECTORY' : 'FILE'
}

/** True for a directory, false for a file; a pipe or a device has no bytes to copy and no end. */
async function isDirectoryOfBytes(source: string): Promise<boolean> {
  const found = await stat(source)
  if (!found.isDirectory() && !found.isFile()) throw new StagingFailed('it is neither a file nor a directory: give the URL of one')
  return found.isDirectory()
}

function otherType(isDirectory: boolean): StagingFailed {
  return new StagingFailed(`it is a ${isDirectory ? 'directory' : 'file'}: declare its type as ${isDirectory ? 'DIRECTORY' : 'FILE'}`)
}

async function downloadDirectory(
  url: URL,
  target: string,
  limits: DownloadLimits,
  signal: AbortSignal,
  seen: { depth: number; entries: number },
): Promise<void> {
  if (seen.depth > MAX_DEPTH) throw tooDeep(shown(url))
  const base = new URL(url)
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  await mkdir(target)
  for (const entry of (await readIndex(base, limits, signal)).entries) {
    const inner = new URL(encodeURIComponent(entry.name), base)
    const path = join(target, entry.name)
    // Directories count, too: a server may show them without end.
    if (++seen.entries > MAX_ENTRIES) throw tooMany(shown(url))
    if (entry.type === 'DIRECTORY') {
      seen.depth++
      await downloadDirectory(inner, path, limits, signal, seen)
      seen.depth--
    } else {
      await download(plainSource(inner), path, limits, signal)
    }
  }
}

function tooMany(name: string): StagingFailed {
  return new StagingFailed(`${name} holds more than ${MAX_ENTRIES} files: give fewer, or an archive of them`)
}

function tooDeep(name: string): StagingFailed {
  return new StagingFailed(`${name} is nested more than ${MAX_DEPTH} directories deep: give the directories inside of it one by one`)
}

async function readIndex(url: URL, limits: DownloadLimits, signal: AbortSignal): Promise<DirectoryIndex> {
  const text = await retry(async () => {
    const answer = await exchange({ method: 'GET', url, headers: { Accept: 'application/json' } }, limits, signal)
    try {
      if (answer.statusCode !== 200) throw refusal(plainSource(url), answer)
      refusePacked(shown(url), answer)
    } catch (error) {
      answer.destroy()
      throw error
    }
    const chunks: Buffer[] = []
    let bytes = 0
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > MAX_INDEX_BYTES)
          throw new StagingFailed(
            `the index of ${shown(url)} is larger than ${MAX_INDEX_BYTES} bytes: give the directories inside of it one by one`,
          )
        chunks.push(chunk)
      }
    } catch (cause) {
      if (cause instanceof StagingFailed || signal.aborted) throw cause
      throw new StagingFailed(`the index of ${shown(url)} broke off: ${describeBreak(cause)}`, { cause, passing: true })
    }
    return Buffer.concat(chunks).toString('utf8')
  }, signal)
  try {
    return DirectoryIndex.parse(JSON.parse(text))
  } catch (cause) {
    throw new StagingFailed(`${shown(url)} gives no JSON index, so this site cannot stage it as a directory: name its files one by one`, {
      cause,
    })
  }
}
