/**
 * `node test/interop/fetch-s3proxy.ts FOLDER`: puts s3proxy into a folder as `s3proxy.jar`, for the demo. What of java and maven is missing is
 * installed where CI runs as root; elsewhere it says how to get it.
 */
import { mkdir, rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Misused, runCommand } from '../harness/command.ts'
import { provide } from './needs.ts'
import { S3PROXY } from './s3proxy.ts'
import { fetchS3proxy } from './s3proxy-jar.ts'

const USAGE = `usage: node test/interop/fetch-s3proxy.ts FOLDER

Puts s3proxy into the folder as s3proxy.jar, by Maven.

  --help  shows this`

async function run([folder = '', ...rest]: readonly string[]): Promise<number> {
  if (folder === '' || rest.length > 0) throw new Misused('name one folder')
  const { signal } = new AbortController()
  const missing = await provide(S3PROXY.needs, signal, console.log)
  if (missing !== undefined) {
    console.log(missing)
    return 1
  }
  await mkdir(folder, { recursive: true })
  const jar = join(resolve(folder), 's3proxy.jar')
  await rename(await fetchS3proxy(folder, signal), jar)
  console.log(jar)
  return 0
}

await runCommand(USAGE, run)
