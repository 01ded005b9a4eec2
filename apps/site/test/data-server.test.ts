import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { READER, startTestSite, type TestSite, TOKEN } from './start-site.ts'

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

describe('the data server of a site', () => {
  let test: TestSite
  beforeAll(async () => {
    test = await startTestSite({ publicPrefixes: ['/public/'] })
    const data = join(test.folder, 'data')
    await mkdir(join(data, 'reads/deep'), { recursive: true })
    await mkdir(join(data, 'public'))
    await writeFile(join(data, 'reads/a b.fq'), '0123456789')
    await writeFile(join(data, 'reads/empty'), '')
    await writeFile(join(data, 'public/readme'), 'hello')
    await writeFile(join(test.folder, 'secret'), 'secret')
    await symlink(join(test.folder, 'secret'), join(data, 'reads/escape'))
    await symlink(test.folder, join(data, 'reads/up'))
    await symlink('a b.fq', join(data, 'reads/inside'))
  })
  afterAll(() => test[Symbol.asyncDispose]())

  /** A request whose path goes out as it stands: `fetch` would tidy it. */
  function ask(
    method: string,
    path: string,
    headers: Record<string, string> = { Authorization: `Bearer ${READER}` },
    body = '',
  ): Promise<Answer> {
    const { hostname, port } = new URL(test.site.url)
    return new Promise((resolve, reject) => {
      const sent = request({ host: hostname, port, method, path, headers, agent: false }, answer => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }))
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
  const auth = { Authorization: `Bearer ${READER}` }

  it('gives whole files and parts of them', async () => {
    const whole = await ask('GET', '/data/reads/a%20b.fq')
    expect(whole).toMatchObject({ status: 200, body: '0123456789', headers: { 'content-length': '10', 'accept-ranges': 'bytes' } })
    const part = await ask('GET', '/data/reads/a%20b.fq', { ...auth, Range: 'bytes=2-4' })
    expect(part).toMatchObject({ status: 206, body: '234', headers: { 'content-range': 'bytes 2-4/10', 'content-length': '3' } })
    const beyond = await ask('GET', '/data/reads/a%20b.fq', { ...auth, Range: 'bytes=10-' })
    expect(beyond).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */10' } })
    const etag = String(whole.headers.etag)
    expect((await ask('GET', '/data/reads/a%20b.fq', { ...auth, Range: 'bytes=8-', 'If-Range': etag })).body).toBe('89')
    expect((await ask('GET', '/data/reads/a%20b.fq', { ...auth, Range: 'bytes=8-', 'If-Range': '"other"' })).status).toBe(200)
    expect(await ask('GET', '/data/reads/empty')).toMatchObject({ status: 200, body: '', headers: { 'content-length': '0' } })
    expect(await ask('HEAD', '/data/reads/a%20b.fq')).toMatchObject({ status: 200, body: '', headers: { 'content-length': '10' } })
  })

  it('gives an index of a directory, without what leads outside', async () => {
    const { body, headers } = await ask('GET', '/data/reads/', { ...auth, Accept: 'application/json' })
    expect(headers['content-type']).toBe('application/json')
    expect(JSON.parse(body)).toEqual({
      entries: [
        { name: 'a b.fq', type: 'FILE', size: 10 },
        { name: 'deep', type: 'DIRECTORY' },
        { name: 'empty', type: 'FILE', size: 0 },
        { name: 'inside', type: 'FILE', size: 10 },
      ],
    })
  })

  it('takes a file whole, in new directories, and replaces one', async () => {
    expect((await ask('PUT', '/data/new/dir/x', auth, 'one')).status).toBe(201)
    expect((await ask('PUT', '/data/new/dir/x', auth, 'second')).status).toBe(204)
    expect(await readFile(join(test.folder, 'data/new/dir/x'), 'utf8')).toBe('second')
    expect((await ask('PUT', '/data/new/dir', auth, 'x')).status).toBe(409)
    expect((await ask('PUT', '/data/new/dir/x/y', auth, 'x')).status).toBe(409)
    expect((await ask('PUT', '/data/new/', auth, 'x')).status).toBe(404)
  })

  const refusedPuts: [why: string, name: string, headers: Record<string, string>, status: number, said: string][] = [
    [
      'a part of a file would stand for the whole',
      'part',
      { 'Content-Range': 'bytes 5-9/10' },
      400,
      'the whole file, without Content-Range',
    ],
    ['packed bytes would be read back as the file', 'packed', { 'Content-Encoding': 'gzip' }, 415, 'without Content-Encoding'],
    ['no file can have such a name', 'n'.repeat(300), {}, 400, 'use a shorter one'],
  ]
  for (const [why, name, headers, status, said] of refusedPuts) {
    it(`refuses a result, since ${why}`, async () => {
      const answer = await ask('PUT', `/data/refused/${name}`, { ...auth, ...headers }, 'bytes')
      expect(answer).toMatchObject({ status, body: expect.stringContaining(said) })
      expect((await ask('GET', `/data/refused/${name}`)).status).toBe(404)
    })
  }

  it('takes a result that says it is not packed', async () => {
    expect((await ask('PUT', '/data/plain', { ...auth, 'Content-Encoding': 'identity' }, 'x')).status).toBe(201)
  })

  it('replaces a link instead of writing through it', async () => {
    expect((await ask('PUT', '/data/reads/escape', auth, 'new')).status).toBe(204)
    expect(await readFile(join(test.folder, 'secret'), 'utf8')).toBe('secret')
    await symlink(join(test.folder, 'secret'), join(test.folder, 'data/reads/escape2'))
  })

  const tricks = [
    '/data/../secret',
    '/data/reads/../../secret',
    '/data/%2e%2e/secret',
    '/data/reads/..%2f..%2fsecret',
    '/data//../secret',
    '/data/reads/escape2',
    '/data/reads/up/secret',
    '/data/%00',
    '/data/%E0%A4%A',
    '/data/reads/a%20b.fq/',
    '/data/reads',
  ]
  for (const path of tricks) {
    it(`gives nothing for ${path}`, async () => {
      const answer = await ask('GET', path)
      expect(answer.status).toBe(404)
      expect(answer.body).not.toContain('secret"')
    })
  }
  for (const path of ['/data/../stolen', '/data/reads/up/stolen', '/data/reads/..%2f..%2fstolen']) {
    it(`takes nothing for ${path}`, async () => {
      expect([404, 409]).toContain((await ask('PUT', path, auth, 'x')).status)
      await expect(readFile(join(test.folder, 'stolen'))).rejects.toThrow('ENOENT')
    })
  }

  const basic = (password: string) => ({ Authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}` })
  const doors: [title: string, method: string, path: string, headers: Record<string, string>, status: number][] = [
    ['a reader with a basic password is known', 'GET', '/data/reads/empty', basic(READER), 200],
    ['nobody reads without a token', 'GET', '/data/reads/empty', {}, 401],
    ['nobody learns without a token what is there', 'GET', '/data/none', {}, 401],
    ['a wrong token is refused', 'GET', '/data/reads/empty', basic(makeSecret('wrong')), 401],
    ['the token of the API does not open the data', 'GET', '/data/reads/empty', { Authorization: `Bearer ${TOKEN}` }, 401],
    ['a public prefix is open to read', 'GET', '/data/public/readme', {}, 200],
    ['a trick does not make a path public', 'GET', '/data/public/../reads/empty', {}, 404],
    ['a public prefix is not open to write', 'PUT', '/data/public/readme', {}, 401],
    ['another method is refused', 'DELETE', '/data/reads/empty', auth, 405],
  ]
  for (const [title, method, path, headers, status] of doors) {
    it(title, async () => expect((await ask(method, path, headers)).status).toBe(status))
  }

  it('writes down little of what a stranger asks for, so that none can fill the disk', async () => {
    await ask('GET', `/data/${'s'.repeat(9000)}`, {})
    await expect.poll(async () => (await test.accesses()).map(({ path }) => path)).toContain(`/${'s'.repeat(199)}…`)
  })

  it('writes down who read what, and how many bytes', async () => {
    const before = (await test.accesses()).length
    await ask('GET', '/data/reads/a%20b.fq', { ...auth, Range: 'bytes=0-3' })
    await ask('HEAD', '/data/reads/a%20b.fq')
    await ask('GET', '/data/public/readme', {})
    await ask('GET', '/data/reads/a%20b.fq', {})
    await ask('PUT', '/data/log', auth, 'four')
    await expect
      .poll(async () =>
        (await test.accesses())
          .slice(before)
          .map(({ time: _, ...rest }) => rest)
          .sort(byStatus),
      )
      .toEqual([
        { reader: 'munich', method: 'HEAD', path: '/reads/a b.fq', status: 200, bytes: 0 },
        { method: 'GET', path: '/public/readme', status: 200, bytes: 5 },
        { reader: 'munich', method: 'PUT', path: '/log', status: 201, bytes: 4 },
        { reader: 'munich', method: 'GET', path: '/reads/a b.fq', status: 206, bytes: 4 },
        { method: 'GET', path: '/reads/a b.fq', status: 401, bytes: 0 },
      ])
  })
})

/** Answers of separate connections may end in another order than they began. */
function byStatus(a: { status: number; bytes: number }, b: { status: number; bytes: number }): number {
  return a.status - b.status || a.bytes - b.bytes
}
