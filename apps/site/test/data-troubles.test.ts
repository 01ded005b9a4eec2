import { mkdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { READER, shell, startTestSite, type TestSite } from './start-site.ts'

describe('a client that hangs up', () => {
  let test: TestSite
  beforeAll(async () => {
    test = await startTestSite()
    await writeFile(join(test.folder, 'data/large'), Buffer.alloc(50_000_000))
  })
  afterAll(() => test[Symbol.asyncDispose]())

  /** Sends the text, and hangs up once the site has the request in hand: it answers, or says that it goes on. */
  async function hangUp(head: string, body = ''): Promise<void> {
    const { hostname, port } = new URL(test.site.url)
    const socket = connect(Number(port), hostname)
    socket.write(`${head}\r\nHost: x\r\nAuthorization: Bearer ${READER}\r\n\r\n`)
    await new Promise(resolve => socket.once('data', resolve))
    socket.write(body, () => socket.destroy())
  }
  const last = async () => (await test.accesses()).at(-1)

  it('in the middle of a PUT stores nothing, and is no failure of the site in the log', async () => {
    await hangUp('PUT /data/half HTTP/1.1\r\nContent-Length: 100\r\nExpect: 100-continue', '0123456789')
    await expect.poll(last, { timeout: 10_000 }).toMatchObject({ method: 'PUT', path: '/half', status: 499, bytes: 0, aborted: true })
  })

  it('in the middle of a GET is told by the log, with the bytes that went out', async () => {
    await hangUp('GET /data/large HTTP/1.1')
    await expect.poll(last, { timeout: 10_000 }).toMatchObject({ method: 'GET', path: '/large', status: 200, aborted: true })
    const bytes = (await last())?.bytes ?? 0
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThan(50_000_000)
  })
})

it('a data folder that goes away is said to be away, until it is back', async () => {
  await using test = await startTestSite()
  const data = join(test.folder, 'data')
  const ask = async (method: string, path: string) => {
    const body = method === 'PUT' ? { body: 'x' } : {}
    const answer = await fetch(`${test.site.dataUrl}${path}`, { method, headers: { Authorization: `Bearer ${READER}` }, ...body })
    return [answer.status, await answer.text()]
  }
  const gone = [503, expect.stringContaining('the data folder of this site is not there')]
  await rm(data, { recursive: true })
  expect([await ask('GET', 'x'), await ask('GET', ''), await ask('PUT', 'x')]).toEqual([gone, gone, gone])
  const task = await test.run({ inputs: [{ path: '/in/x', url: `${test.site.dataUrl}x` }], executors: [shell('true')] })
  expect(task.logs?.[0]?.system_logs?.join()).toContain('the input /in/x: the data folder of this site is not there')
  await writeFile(data, '')
  expect(await ask('GET', 'x')).toEqual(gone)
  await rm(data)
  await mkdir(data)
  expect(await ask('PUT', 'x')).toEqual([201, ''])
})
