/**
 * Goes before every test file: watches what its brokers leave, and fails the file if a secret is in it. Folders are searched before they are removed,
 * answers as they are sent, whoever the test is: none has to think of it.
 */
import fs, { appendFileSync } from 'node:fs'
import { ServerResponse } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import process from 'node:process'
import { afterAll, expect, vi } from 'vitest'
import { keepFolder } from './keep-folder.ts'
import { needlesOf, tokenNeedles } from './needles.ts'
import { describeFinding, keep, watchRemains } from './remains.ts'
import { MARKER, markedRandom } from './secrets.ts'
import { SEARCHED_VARIABLE } from './vitest-run.ts'

const watch = watchRemains([...needlesOf(MARKER), ...tokenNeedles()])

/** The test that is running. */
const current = (): string => `"${expect.getState().currentTestName ?? 'the preparation of a file'}"`

// What a broker in this process makes by chance carries the marker: states, nonces, verifiers.
vi.mock('../../apps/broker/src/auth/tokens/random-source.ts', () => ({ secureRandom: markedRandom }))

watchRemovals()
watchAnswers()
process.stderr.write = watchStream(process.stderr.write.bind(process.stderr))
process.stdout.write = watchStream(process.stdout.write.bind(process.stdout))

afterAll(() => {
  const findings = watch.findings()
  const report = process.env[SEARCHED_VARIABLE]
  if (report !== undefined) appendFileSync(report, `${JSON.stringify(watch.searched())}\n`)
  if (findings.length > 0) throw new Error(`Secrets were left behind:\n${findings.map(describeFinding).join('\n')}`)
})

/** Whoever removes a folder for temporary things lets it be searched. */
function watchRemovals(): void {
  const { rm } = fs.promises
  const { rmSync } = fs
  const look = (path: fs.PathLike): void => {
    const folder = resolve(String(path))
    if (folder.startsWith(tmpdir())) keepFolder(folder, current())
  }
  fs.promises.rm = async (path, options) => {
    look(path)
    return await rm(path, options)
  }
  fs.rmSync = (path, options) => {
    look(path)
    rmSync(path, options)
  }
  syncBuiltinESMExports()
}

/** A broker's answers that refuse, and its metrics. A broker is known by the id that it gives each request. */
function watchAnswers(): void {
  const [end, write] = [methodOf('end'), methodOf('write')]
  const bodies = new WeakMap<ServerResponse, Buffer[]>()
  const note = (response: ServerResponse, chunk: unknown): void => {
    if (response.statusCode < 400 && response.req.url !== '/metrics') return
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return
    const parts = bodies.get(response) ?? []
    bodies.set(response, parts)
    parts.push(Buffer.from(chunk))
  }
  ServerResponse.prototype.write = function (this: ServerResponse, ...args: unknown[]): boolean {
    note(this, args[0])
    return Boolean(write(this, ...args))
  }
  ServerResponse.prototype.end = function (this: ServerResponse, ...args: unknown[]): ServerResponse {
    note(this, args[0])
    const body = bodies.get(this)
    if (body && this.hasHeader('x-request-id')) {
      const head = JSON.stringify({ ...this.getHeaders(), 'set-cookie': undefined })
      keep(this.statusCode < 400 ? 'metrics' : 'error body', current(), Buffer.concat([Buffer.from(head), ...body]))
    }
    bodies.delete(this)
    end(this, ...args)
    return this
  }
}

function methodOf(name: 'end' | 'write'): (...args: unknown[]) => unknown {
  const method: unknown = Reflect.get(ServerResponse.prototype, name)
  if (typeof method !== 'function') throw new TypeError(`an answer has no method ${name}`)
  return (...args) => Reflect.apply(method, args[0], args.slice(1))
}

/** A broker in this process that was given no place for its log writes here. */
function watchStream(write: typeof process.stderr.write): typeof process.stderr.write {
  return (chunk: Uint8Array | string, ...rest: unknown[]): boolean => {
    keep('log', current(), Buffer.from(chunk as Uint8Array))
    return Reflect.apply(write, undefined, [chunk, ...rest])
  }
}
