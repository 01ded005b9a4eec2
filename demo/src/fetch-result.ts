/**
 * Fetches the result of a task as its people do: by the command `portolan outputs get`, which asks the broker alone where the bytes are.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import * as z from 'zod'
import { run } from '../../apps/cli/src/run.ts'
import type { Credential } from './caller.ts'

export interface FetchedResult {
  /** The bytes; where there are none, what was said instead. */
  readonly text: string
  /** The kind of digest that the store vouches for and the bytes have; undefined: the store vouches for none. */
  readonly checked: string | undefined
}

const Done = z.object({ file: z.string(), checked: z.optional(z.string()) })

export interface FetchOptions {
  readonly brokerUrl: string
  readonly credential: Credential
  readonly task: string
  /** An empty folder. */
  readonly folder: string
  readonly signal: AbortSignal
}

export async function fetchResult({ brokerUrl, credential, task, folder, signal }: FetchOptions): Promise<FetchedResult> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const said = Promise.all([text(stdout), text(stderr)])
  const code = await run(['outputs', 'get', task, '--to', folder, '--url', brokerUrl, '--json'], {
    ...{ env: toEnvironment(credential), cwd: folder, signal, stdout, stderr },
    openStdin: () => Readable.from([]),
  })
  stdout.end()
  stderr.end()
  const [records, words] = await said
  if (code !== 0) return { text: `portolan outputs get ended with exit code ${code}: ${words}`, checked: undefined }
  const [record = '{}'] = records.split('\n')
  const { file, checked } = Done.parse(JSON.parse(record))
  return { text: await readFile(join(folder, file), 'utf8'), checked }
}

function toEnvironment(credential: Credential): Readonly<Record<string, string>> {
  if (credential.kind === 'bearer') return { PORTOLAN_TOKEN: credential.token }
  return { PORTOLAN_TOKEN: credential.password, PORTOLAN_USER: credential.user }
}
