/**
 * How the broker ends, as its users see it: by signals to a process.
 */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createFakeSite } from '@portolan/tes/testing'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { listening, type SpawnedBroker, spawnBroker } from './spawn-broker.ts'

const BODY = JSON.stringify({ executors: [{ image: 'alpine', command: ['true'] }] })
const WITHIN = { timeout: 20_000 }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-end-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function start(...sites: readonly string[]): Promise<{ broker: SpawnedBroker; url: URL }> {
  const file = join(folder, 'broker.yaml')
  const lines = [
    'auth: {mode: open}',
    'server: {port: 0}',
    'tracking: {siteTimeoutSeconds: 120}',
    `store: {kind: sqlite, path: ${join(folder, 'portolan.db')}}`,
    `keys: {dir: ${join(folder, 'keys')}}`,
    'sites:',
    ...sites.map((url, index) => `  - {id: s${index}, url: "${url}", place: {country: DE}}`),
  ]
  await writeFile(file, `${(sites.length > 0 ? lines : lines.slice(0, -1)).join('\n')}\n`)
  const broker = spawnBroker('--config', file)
  return { broker, url: await listening(broker) }
}

/** A create whose headers have arrived, and half of its body. Resolves when the broker has begun to wait for the rest. */
async function beginCreate({ host, hostname, port }: URL): Promise<{ socket: Socket; received: Promise<string> }> {
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  const head = `POST /v1/tasks HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n`
  socket.write(`${head}Expect: 100-continue\r\n\r\n${BODY.slice(0, 10)}`)
  await once(socket, 'data')
  return { socket, received: text(socket).catch(() => '') }
}

/** Whether anybody takes connections there. */
async function isOpen({ hostname, port }: URL): Promise<boolean> {
  const socket = connect(Number(port), hostname)
  const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false)
  socket.destroy()
  return open
}

describe('SIGTERM', () => {
  it('ends the broker with 0 within ten seconds, even where a body never ends and a site never answers a submission', async () => {
    await using site = await createFakeSite()
    site.script.add('create', { do: 'hold' }, { times: Number.POSITIVE_INFINITY })
    const { broker, url } = await start(site.url)
    const created = await fetch(new URL('/v1/tasks', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: BODY,
      signal: AbortSignal.timeout(10_000),
    })
    expect(created.status).toBe(200)
    await expect.poll(() => site.requests.some(({ operation }) => operation === 'create'), WITHIN).toBe(true)
    await beginCreate(url)
    const begunAt = performance.now()
    broker.child.kill('SIGTERM')
    const { code, signal } = await broker.ended
    expect({ code, signal, inTime: performance.now() - begunAt < 10_000 }).toEqual({ code: 0, signal: null, inTime: true })
  })

  it.each(['SIGTERM', 'SIGHUP'] as const)('or %s is ignored when it comes again: what had arrived is still answered', async signal => {
    const { broker, url } = await start()
    const { socket, received } = await beginCreate(url)
    broker.child.kill(signal)
    await expect.poll(() => isOpen(url), WITHIN).toBe(false)
    for (let count = 0; count < 3; count++) broker.child.kill(signal)
    socket.write(BODY.slice(10))
    expect(await received).toMatch(/^HTTP\/1.1 200 OK[\s\S]*Connection: close[\s\S]*\{"id":"\w+"\}$/)
    expect(await broker.ended).toMatchObject({ code: 0, signal: null })
  })
})

describe('SIGINT', () => {
  it('that comes twice at once is one press, of which a package manager has told as well', async () => {
    const { broker, url } = await start()
    const { socket, received } = await beginCreate(url)
    for (let count = 0; count < 3; count++) broker.child.kill('SIGINT')
    await expect.poll(() => isOpen(url), WITHIN).toBe(false)
    socket.write(BODY.slice(10))
    expect(await received).toMatch(/^HTTP\/1.1 200 OK/)
    expect(await broker.ended).toMatchObject({ code: 0, signal: null })
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'a second time ends what a %s would end in good order at once, with 130, and says so',
    async first => {
      const { broker, url } = await start()
      await beginCreate(url)
      broker.child.kill(first)
      await expect.poll(() => isOpen(url), WITHIN).toBe(false)
      const again = setInterval(() => broker.child.kill('SIGINT'), 50)
      const { code, err } = await broker.ended
      clearInterval(again)
      expect(code).toBe(130)
      expect(err).toContain('portolan: interrupted again, so it ends at once; answers under way are cut')
    },
  )
})
