import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  expect({ code, text }).toMatchObject({ code: 1, text: expect.stringContaining('EADDRINUSE') })
  await new Promise(resolve => server.close(resolve))
})
