/**
 * What keeps a site from being started as asked, found before anything starts. Each mistake names its flag and the fix.
 */
import { statSync } from 'node:fs'
import { isLoopbackHost } from '@portolan/tes/server'
import type { SiteOptions } from './options.ts'
import { refuseRoot } from './runners/process.ts'

export const DEFAULT_HOST = '127.0.0.1'

/** All mistakes together; none for options that can be. */
export function findMistakes(options: SiteOptions): string[] {
  const { host = DEFAULT_HOST, data, publicPrefixes = [], fileRoots = [], rootfs = {} } = options
  const mistakes: string[] = []
  if (options.token === undefined && !isLoopbackHost(host))
    mistakes.push(`--open is for loopback only, and ${host} is not: give --token-ref, or leave out --host`)
  const refused = options.runner === 'process' ? refuseRoot(process.getuid?.(), options.allowRoot ?? false) : undefined
  if (refused !== undefined) mistakes.push(refused)
  if (data !== undefined) mistakes.push(...refuseFolder('--data', data))
  else if (publicPrefixes.length > 0) mistakes.push('--public: it is a part of the data folder, so give --data, too')
  mistakes.push(...findS3Mistakes(options))
  mistakes.push(...fileRoots.flatMap(folder => refuseFolder('--file-root', folder)))
  mistakes.push(...Object.values(rootfs).flatMap(folder => refuseFolder('--rootfs', folder)))
  return mistakes
}

function findS3Mistakes({ s3 = {}, buckets = {}, fetch = {}, s3Region }: SiteOptions): string[] {
  const mistakes: string[] = []
  for (const [name, origin] of Object.entries(buckets))
    if (!Object.hasOwn(s3, origin)) mistakes.push(`--bucket ${name}: no key for ${origin} is given: add --s3 ${origin}=env:NAME`)
  for (const origin of Object.keys(s3)) {
    if (!Object.values(buckets).includes(origin)) mistakes.push(`--s3 ${origin}: no bucket lies there: add --bucket NAME=${origin}`)
    // A request has one way to log in.
    if (fetch[origin] !== undefined)
      mistakes.push(`--fetch ${origin}: it is an S3 server by --s3, which takes no token: leave one of them out`)
  }
  if (s3Region !== undefined && Object.keys(s3).length === 0) mistakes.push('--s3-region: it is for the servers of --s3, so give one, too')
  return mistakes
}

/** None is made: an empty folder in place of one whose name was mistyped would hide the mistake. */
function refuseFolder(flag: string, folder: string): string[] {
  try {
    if (statSync(folder).isDirectory()) return []
    return [`${flag}: ${folder} is no folder: name one`]
  } catch {
    return [`${flag}: the folder ${folder} is not there, or not open to the user of the site: make it, or correct the path`]
  }
}
