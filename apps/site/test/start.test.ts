import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { spawnSite } from './site-process.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-start-'))
})
afterEach(() => rm(folder, { recursive: true }))

function start(...args: string[]): Promise<{ code: number | null; text: string }> {
  const child = spawnSite(['--work', join(folder, 'work'), ...args])
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return new Promise(resolve => child.once('close', code => resolve({ code, text })))
}

it('a site with wrong flags ends with 2 and names all of them', async () => {
  const { code, text } = await start('--id', 'a b', '--port', 'x')
  expect(code).toBe(2)
  expect(text.trim().split('\n')).toHaveLength(3)
})

it('an address that is taken ends it with 1', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  const { code, text } = await start('--id', 'x', '--open', '--runner', 'process', '--allow-root', '--port', String(port))
  expect({ code, text }).toMatchObject({ code: 1, text: expect.stringContaining(`127.0.0.1:${port} is in use by another program`) })
  await new Promise(resolve => server.close(resolve))
})

const OPEN = ['--id', 'x', '--open', '--runner', 'process', '--allow-root'] as const

it('a work folder that cannot be made ends it with 1', async () => {
  const { code, text } = await start(...OPEN, '--work', '/proc/x/work')
  expect({ code, text }).toMatchObject({ code: 1, text: expect.stringContaining('--work: the folder /proc/x/work cannot be made') })
})

it('a work folder that belongs to a running site ends it with 1', async () => {
  const holder = spawnSite(['--work', join(folder, 'work'), ...OPEN])
  await once(holder.stdout ?? holder, 'data')
  const { code, text } = await start(...OPEN)
  expect({ code, text }).toMatchObject({ code: 1, text: expect.stringContaining('belongs to the running site') })
  holder.kill('SIGTERM')
  await once(holder, 'exit')
})

it('--help names every flag that the README names, and ends with 0', async () => {
  const child = spawnSite(['--help'])
  const [help, [code]] = await Promise.all([readText(child.stdout ?? Readable.from([])), once(child, 'exit')])
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const table = readme.split('\n').filter(line => line.startsWith('| `--'))
  expect(code).toBe(0)
  for (const [flag] of table.join().matchAll(/(?<=`)--[a-z0-9-]+/g)) expect(help).toContain(`  ${flag} `)
})
