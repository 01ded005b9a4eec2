/**
 * Brings one output file to its target: PUT to a data server, an object in a bucket, a file below an allowed root, or the site's own data folder.
 */
import { createReadStream } from 'node:fs'
import { lstat, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { parseS3Url } from '../s3/s3-url.ts'
import { copyOne } from './copy-tree.ts'
import { refusal } from './download.ts'
import { allowedTarget, pathOfUrl } from './file-roots.ts'
import type { OutputFile } from './find-outputs.ts'
import { exchange } from './http-exchange.ts'
import { retry } from './retry.ts'
import { plainSource } from './source.ts'
import { bucketsOf, parseUrl, type StagingOptions } from './stage-inputs.ts'
import { StagingFailed } from './staging-failed.ts'

/** Why the site's own data folder does not take a file. */
const PUT_REFUSED = {
  404: 'it does not name a file of the data folder: end it in the name of one',
  409: 'a directory or another file is in its way: use another name',
} as const

/** Stores the file. It may be called again for the same file: the target is then written anew. Throws `StagingFailed`. */
export async function storeOutput(file: OutputFile, options: StagingOptions, signal: AbortSignal): Promise<void> {
  const path = pathOfUrl(file.url)
  if (path !== undefined) {
    const target = await allowedTarget(path, options.fileRoots)
    await mkdir(dirname(target), { recursive: true })
    const there = await lstat(target).catch(() => undefined)
    // A copy into a pipe would wait for a reader for ever.
    if (there && !there.isFile() && !there.isDirectory())
      throw new StagingFailed(`${file.url} is neither a file nor a directory: use another name`)
    await copyOne(file.source, target)
    return
  }
  const place = parseS3Url(file.url)
  if (place) return await bucketsOf(options).put(place, file, signal)
  const url = parseUrl(file.url)
  const { own } = options
  const ownPath = own?.pathOf(url)
  if (own && ownPath !== undefined) {
    const { status, bytes } = await own.folder.put(ownPath, createReadStream(file.source), signal)
    own.log.write({ reader: own.siteId, method: 'PUT', path: ownPath, status, bytes, local: true })
    if (status === 404 || status === 409) throw new StagingFailed(`${file.url} cannot be stored: ${PUT_REFUSED[status]}`)
    return
  }
  await retry(() => upload(url, file, options, signal), signal)
}

async function upload(url: URL, file: OutputFile, options: StagingOptions, signal: AbortSignal): Promise<void> {
  const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(file.size) }
  // Opened before anything is sent: a file that cannot be read is no fault of the server.
  await using source = await open(file.source)
  // A file that grows meanwhile must not break the announced length.
  const body = file.size > 0 ? source.createReadStream({ end: file.size - 1, autoClose: false }) : Readable.from([])
  const answer = await exchange({ method: 'PUT', url, headers, body }, options.limits, signal)
  answer.resume()
  const status = answer.statusCode ?? 0
  if (status < 200 || status > 299) throw refusal(plainSource(url), answer)
}
