import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SiteOptions } from '../src/site.ts'
import { FETCH_TOKEN, serve, stage as stageWith } from './serve.ts'
import { READER, shell, startTestSite, type TestSite } from './start-site.ts'

const bytes = randomBytes(300_000)
const digest = createHash('md5').update(bytes).digest('hex')
const sum = { image: 'x', command: ['md5sum', '/in/x'] }

describe("a result for the site's own data folder", () => {
  const rows: [why: string, name: string, said: string][] = [
    ['a directory has its name', 'taken', 'a directory or another file is in its way'],
    ['it would lie below a file', 'file.txt/below', 'a directory or another file is in its way'],
    ['it names no file', 'new/', 'it does not name a file of the data folder'],
  ]
  for (const [why, name, said] of rows) {
    it(`is not said to be stored when it was not: ${why}`, async () => {
      await using holder = await startTestSite()
      await mkdir(join(holder.folder, 'data/taken'), { recursive: true })
      await writeFile(join(holder.folder, 'data/file.txt'), 'kept')
      const task = await holder.run({
        outputs: [{ path: '/out/x', url: `${holder.site.dataUrl}${name}`, type: 'FILE' }],
        executors: [shell('echo result > "$1"', '/out/x')],
      })
      expect(task.state).toBe('SYSTEM_ERROR')
      expect(task.logs?.[0]?.outputs).toEqual([])
      expect(task.logs?.[0]?.system_logs?.join()).toContain(said)
      expect(await readFile(join(holder.folder, 'data/file.txt'), 'utf8')).toBe('kept')
      expect((await holder.accesses()).filter(({ method }) => method === 'PUT').map(({ bytes: count }) => count)).toEqual([0])
    })
  }
})

describe('two sites, one of them a declared reader of the other', () => {
  let holder: TestSite
  let reader: TestSite
  beforeAll(async () => {
    holder = await startTestSite({ id: 'holder' })
    reader = await startTestSite({ fetch: { [new URL(holder.site.url).origin]: READER } })
    await mkdir(join(holder.folder, 'data/reads/deep'), { recursive: true })
    await writeFile(join(holder.folder, 'data/reads/a b'), bytes)
    await writeFile(join(holder.folder, 'data/reads/deep/c'), 'c')
  })
  afterAll(async () => {
    await reader[Symbol.asyncDispose]()
    await holder[Symbol.asyncDispose]()
  })

  it('a file, a directory and a result cross, and the holder knows who took how many bytes', async () => {
    const task = await reader.run({
      inputs: [
        { path: '/in/x', url: `${holder.site.dataUrl}reads/a%20b` },
        { path: '/in/all', url: `${holder.site.dataUrl}reads`, type: 'DIRECTORY' },
      ],
      outputs: [
        { path: '/out', url: `${holder.site.dataUrl}results/`, type: 'DIRECTORY' },
        { path: '/gone/none', url: `${holder.site.dataUrl}empty` },
      ],
      executors: [{ ...sum, stdout: '/out/sum' }, shell('cat "$1/deep/c" "$1/a b" | wc -c; : > "$2/empty"', '/in/all', '/out')],
    })
    expect(task.logs?.[0]?.system_logs).toEqual(['warning: no executor made the output /gone/none, so nothing is stored at its URL'])
    expect(task.logs?.[0]?.logs.map(({ stdout }) => stdout?.slice(0, 32).trim())).toEqual([digest, '300001'])
    expect(task.state).toBe('COMPLETE')
    expect(await readFile(join(holder.folder, 'data/results/sum'), 'utf8')).toContain(digest)
    expect(await readFile(join(holder.folder, 'data/results/empty'), 'utf8')).toBe('')
    const files = (await holder.accesses()).filter(({ path }) => !path.endsWith('/'))
    expect(files.map(({ reader: who, method, path, bytes: count }) => `${who} ${method} ${path} ${count}`)).toEqual([
      'munich GET /reads/a b 300000',
      'munich GET /reads/a b 300000',
      'munich GET /reads/deep/c 1',
      'munich PUT /results/empty 0',
      expect.stringMatching(/^munich PUT \/results\/sum [0-9]+$/),
    ])
  })

  it('without its token the site is told what is missing', async () => {
    await using stranger = await startTestSite({ fetch: { [new URL(holder.site.url).origin]: undefined } })
    const task = await stranger.run({ inputs: [{ path: '/in/x', url: `${holder.site.dataUrl}reads/deep/c` }], executors: [sum] })
    expect(task.state).toBe('SYSTEM_ERROR')
    expect(task.logs?.[0]?.system_logs?.join()).toContain(`it is not a declared reader there, or lacks --fetch ${holder.site.url}=env:NAME`)
  })
})

describe('an input from a troubled server', () => {
  const stage = (listener: RequestListener, limits: SiteOptions['limits'] = {}) => stageWith(listener, sum.command, limits)

  it('goes on where the transfer stopped, if the file is still the same', async () => {
    const ranges: (string | undefined)[] = []
    const { state, stdout } = await stage((request, response) => {
      ranges.push(request.headers.range)
      const from = Number(/bytes=([0-9]+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      response.writeHead(from > 0 ? 206 : 200, {
        ETag: '"one"',
        'Content-Length': bytes.length - from,
        ...(from > 0 && { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      })
      if (ranges.length < 3) response.write(bytes.subarray(from, from + 100_000))
      else response.end(bytes.subarray(from))
    })
    expect(state).toBe('COMPLETE')
    expect(stdout).toContain(digest)
    expect(ranges).toEqual([undefined, 'bytes=100000-', 'bytes=200000-'])
  })

  it('begins anew where the server has no parts', async () => {
    let asked = 0
    const { state, stdout } = await stage((_request, response) => {
      response.writeHead(200, { 'Content-Length': bytes.length })
      if (++asked === 1) response.write(bytes.subarray(0, 100_000), () => setImmediate(() => response.destroy()))
      else response.end(bytes)
    })
    expect(state).toBe('COMPLETE')
    expect(stdout).toContain(digest)
  })

  it('is tried a bounded number of times', async () => {
    let asked = 0
    const { state, notes } = await stage((_request, response) => {
      asked++
      response.writeHead(503).end()
    })
    expect({ state, asked }).toEqual({ state: 'SYSTEM_ERROR', asked: 4 })
    expect(notes).toMatch(/\/x answered 503/)
    expect(notes).not.toContain('secret')
  })

  it('is not tried again where that would not help', async () => {
    let asked = 0
    const { notes } = await stage((_request, response) => {
      asked++
      response.writeHead(404).end()
    })
    expect(asked).toBe(1)
    expect(notes).toMatch(/\/x answered 404/)
  })

  it('that falls silent is given up', async () => {
    const { state, notes } = await stage((_request, response) => {
      response.writeHead(200, { 'Content-Length': 10 })
      response.write('x')
    })
    expect(state).toBe('SYSTEM_ERROR')
    expect(notes).toContain('broke after 1 bytes')
  })

  it('is not fetched from where a redirect leads', async () => {
    const paths: string[] = []
    const { notes } = await stage((request, response) => {
      paths.push(request.url ?? '')
      response.writeHead(302, { Location: '/elsewhere' }).end()
    })
    expect(paths).toEqual(['/x?secret=1'])
    expect(notes).toContain('redirects, which this site does not follow')
  })

  it('that is too large is not taken, announced or not', async () => {
    const limits = { maxInputBytes: 1000 }
    const announced = await stage(
      (_request, response) => response.writeHead(200, { 'Content-Length': 2000 }).end(bytes.subarray(0, 2000)),
      limits,
    )
    expect(announced.notes).toContain('is larger than this site takes (1000 bytes)')
    const flowing = await stage((_request, response) => response.end(bytes), limits)
    expect(flowing.notes).toContain('is larger than this site takes (1000 bytes)')
  })

  it('gets the token of its origin', async () => {
    const seen: (string | undefined)[] = []
    await stage((request, response) => {
      seen.push(request.headers.authorization)
      response.end('x')
    })
    expect(seen).toEqual([`Bearer ${FETCH_TOKEN}`])
  })

  it('that is a directory needs a JSON index', async () => {
    await using server = await serve((_request, response) => response.end('<html>'))
    await using test = await startTestSite({ fetch: { [server.origin]: undefined } })
    const task = await test.run({ inputs: [{ path: '/in', url: server.origin, type: 'DIRECTORY' }], executors: [sum] })
    expect(task.logs?.[0]?.system_logs?.join()).toContain('gives no JSON index, so this site cannot stage it as a directory')
  })

  it('with an index that climbs out is refused', async () => {
    await using server = await serve((_request, response) => response.end(JSON.stringify({ entries: [{ name: '../../x', type: 'FILE' }] })))
    await using test = await startTestSite({ fetch: { [server.origin]: undefined } })
    const task = await test.run({ inputs: [{ path: '/in', url: server.origin, type: 'DIRECTORY' }], executors: [sum] })
    expect(task.state).toBe('SYSTEM_ERROR')
  })
})
