import { createHash } from 'node:crypto'
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../../test/harness/until.ts'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { type OutputServer, type ServedOutput, startOutputServer } from './output-server.ts'
import { jsonLines, runHere, startPortolan } from './portolan.ts'
import { type Folder, makeFolder } from './temporary.ts'

const MIB = 1024 * 1024
const sha = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
const pattern = (bytes: number): Buffer => Buffer.alloc(bytes, Buffer.from(Array.from({ length: 251 }, (_, at) => at)))
const output = (path: string, content: Buffer | string, more: Partial<ServedOutput> = {}): ServedOutput => {
  const bytes = Buffer.from(content)
  return {
    path,
    content: bytes,
    etag: `"${sha(bytes).slice(0, 8)}"`,
    checksums: [{ type: 'sha-256', checksum: sha(bytes) }],
    delivery: 'direct',
    ...more,
  }
}

let server: OutputServer
let folder: Folder
const get = (...args: string[]) => runHere(['outputs', 'get', 't1', ...args, '--to', folder.path, '--url', server.url])
const read = (name: string) => readFile(join(folder.path, name))
const readText = (name: string) => readFile(join(folder.path, name), 'utf8')
const left = async () => (await readdir(folder.path, { recursive: true })).sort()

beforeEach(async () => {
  server = await startOutputServer()
  folder = await makeFolder()
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

describe('outputs ls', () => {
  it('lists what a task has left, and how it is to be had', async () => {
    server.outputs.push(output('/out/a.txt', 'alpha'), output('/out/b.txt', 'be', { delivery: 'none' }))
    const { code, stdout, stderr } = await runHere(['outputs', 'ls', 't1', '--url', server.url])
    expect([code, stderr]).toEqual([0, ''])
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => line.split(/ {2,}/)),
    ).toEqual([
      ['output', 'bytes', 'location', 'people get', 'url'],
      ['/out/a.txt', '5 B', 'store', 'a link', 's3://results/0'],
      ['/out/b.txt', '2 B', 'store', 'nothing', 's3://results/1'],
    ])
  })

  it('says of a task under way that it shows what was declared', async () => {
    server.measured = false
    server.outputs.push(output('/out/a.txt', 'alpha', { delivery: 'none' }))
    const { code, stderr } = await runHere(['outputs', 'ls', 't1', '--url', server.url])
    expect([code, stderr]).toEqual([0, 't1 is RUNNING: these are the outputs that it has declared\n'])
    expect((await get()).code).toBe(1)
  })
})

describe('outputs mount', () => {
  const mount = (...args: string[]) => runHere(['outputs', 'mount', 't1', '--print', ...args, '--url', server.url])
  const declare = (id: string, kind: 's3' | 'http') => {
    server.locations.push({ id, kind, country: 'DE', endpoint: 'https://s3.example.org', prefixes: [] })
  }

  it('shows how to mount what a task has left, and says what cannot be', async () => {
    declare('store', 's3')
    declare('web', 'http')
    server.outputs.push(
      output('/out/a', 'a', { url: 's3://results/run 1/a' }),
      output('/out/b', 'b', { url: 'https://web/b', location: 'web' }),
    )
    const { code, stdout, stderr } = await mount('--to', '/mnt/run')
    expect([code, stderr.split('\n')[0]]).toEqual([1, 'portolan: web cannot be mounted: it is no S3 server but of kind http'])
    expect(stdout).toContain("rclone mount --read-only 'portolan-store:results/run 1' '/mnt/run'\n")
    const json = await mount('--to', '/mnt/run', '--json')
    expect(JSON.parse(json.stdout)).toEqual({ mounts: [expect.objectContaining({ location: 'store', folder: '/mnt/run' })] })
    expect(jsonLines(json.stderr)).toEqual([{ error: expect.objectContaining({ location: 'web', exitCode: 1 }) }])
  })

  it('shows no key, whatever the process knows', async () => {
    declare('store', 's3')
    server.outputs.push(output('/out/a', 'a', { url: 's3://results/run/a' }))
    const secret = makeSecret('mount')
    const env = { PORTOLAN_TOKEN: secret, AWS_SECRET_ACCESS_KEY: secret }
    const { code, stdout, stderr } = await runHere(['outputs', 'mount', 't1', '--print', '--url', server.url], { env })
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain(secret)
  })

  it('shows no line that is not what it looks like', async () => {
    declare('store', 's3')
    server.outputs.push(output('/out/a', 'a', { url: 's3://results/run\u202e/a' }))
    const { code, stdout, stderr } = await mount()
    expect([code, stdout, stderr.split('\n')[0]]).toEqual([1, '', 'portolan: A folder has characters in its name that cannot be shown'])
  })

  it('has to be asked for lines, and has none of a task that has left nothing or has not ended', async () => {
    expect((await runHere(['outputs', 'mount', 't1', '--url', server.url])).code).toBe(2)
    expect((await mount()).code).toBe(5)
    server.measured = false
    expect((await mount()).code).toBe(1)
  })
})

describe('outputs get', () => {
  it('fetches all into a folder, as they lay in the container, and checks them', async () => {
    server.outputs.push(output('/out/a.txt', 'alpha'), output('/out/deep/b.txt', 'beta'), output('/out/empty', ''))
    const { code, stdout, stderr } = await get()
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n').sort()).toEqual([
      '',
      'a.txt  5 B, sha-256 is right',
      'deep/b.txt  4 B, sha-256 is right',
      'empty  0 B, sha-256 is right',
    ])
    expect(await left()).toEqual(['a.txt', 'deep', 'deep/b.txt', 'empty'])
    expect(await readText('deep/b.txt')).toBe('beta')
  })

  it('fetches what the patterns mean, and fails if that is nothing', async () => {
    server.outputs.push(output('/out/a.txt', 'a'), output('/out/b.bam', 'b'), output('/out/c/d.bam', 'd'))
    expect((await get('*.bam')).code).toBe(0)
    expect(await left()).toEqual(['b.bam', 'c', 'c/d.bam'])
    expect((await get('*.vcf')).code).toBe(5)
  })

  it('sends the credential to the broker and never to a store', async () => {
    const token = makeSecret('outputs')
    server.outputs.push(output('/out/direct', 'one'), output('/out/relayed', 'two', { delivery: 'relay' }))
    const args = ['outputs', 'get', 't1', '--to', folder.path, '--url', server.url]
    expect((await runHere(args, { env: { PORTOLAN_TOKEN: token } })).code).toBe(0)
    expect(Object.fromEntries(server.asked.map(({ path, credential }) => [path, credential]))).toEqual({
      '/out/direct': undefined,
      '/out/relayed': token,
    })
  })

  it('goes on where an answer was cut, without asking for a byte again', async () => {
    const content = pattern(3 * MIB)
    server.outputs.push(output('/out/a', content))
    let cuts = 2
    server.meddle = ({ from, last, response }) => {
      if (cuts === 0) return false
      cuts -= 1
      const some = content.subarray(from, from + MIB)
      response.writeHead(206, {
        'content-range': `bytes ${from}-${last}/${content.length}`,
        'content-length': last - from + 1,
        etag: server.outputs[0]?.etag,
      })
      response.write(some, () => response.destroy())
      return true
    }
    expect((await get()).code).toBe(0)
    expect((await read('a')).equals(content)).toBe(true)
    const [first, second, third] = server.asked
    expect([first?.from, (second?.from ?? 0) > 0, (third?.from ?? 0) > (second?.from ?? 0)]).toEqual([0, true, true])
  })

  it('killed in the middle, goes on with the parts that are missing', async () => {
    const content = pattern(80 * MIB)
    server.outputs.push(output('/out/a', content))
    server.meddle = ({ from }) => from > 0 && server.asked.length > 3
    const args = ['outputs', 'get', 't1', '--parallel', '1', '--to', folder.path, '--url', server.url, '--json']
    const { child, ended } = startPortolan(args)
    await until('the fourth part is asked for', () => server.asked.length === 4)
    child.kill('SIGKILL')
    await ended
    expect(await left()).not.toContain('a')
    server.meddle = () => false
    const { code, stdout } = await runHere(args)
    expect([code, jsonLines(stdout)]).toEqual([
      0,
      [{ path: '/out/a', file: 'a', bytes: content.length, fetched: 32 * MIB, checked: 'sha-256' }],
    ])
    expect(server.asked.map(({ from }) => from / MIB)).toEqual([0, 16, 32, 48, 48, 64])
    expect(await left()).toEqual(['a'])
    expect((await read('a')).equals(content)).toBe(true)
  })

  it('begins anew when the file is another one by now', async () => {
    const content = pattern(40 * MIB)
    server.outputs.push(output('/out/a', content))
    server.meddle = ({ from, response }) => {
      if (from === 0) return false
      response.writeHead(404).end()
      return true
    }
    expect((await get('--parallel', '1')).code).toBe(5)
    server.outputs[0] = output('/out/a', Buffer.concat([Buffer.from('x'), content]))
    server.meddle = () => false
    expect((await get()).code).toBe(0)
    expect((await read('a')).length).toBe(content.length + 1)
  })

  it('asks for a new link when one ends early', async () => {
    server.outputs.push(output('/out/a', 'alpha'))
    server.linkLifeMs = -1
    server.meddle = () => false
    const running = get()
    await until('the first link was given', () => server.links.length > 0)
    server.linkLifeMs = 900_000
    expect((await running).code).toBe(0)
    expect(server.links.length).toBeGreaterThan(1)
  })

  it.each([
    ['changed since the task ended', 412, 1, '/out/a: It has changed since the task ended'],
    ['is shorter now', 416, 1, '/out/a: It has changed since the task ended'],
    ['is gone', 404, 5, '/out/a: It is not there any more'],
  ])('says of a file that it %s, and keeps nothing under its name', async (_, status, exit, says) => {
    server.outputs.push(output('/out/a', 'alpha'), output('/out/b', 'beta'))
    server.meddle = ({ path, response }) => {
      if (path !== '/out/a') return false
      response.writeHead(status).end()
      return true
    }
    const { code, stderr } = await get()
    expect([code, stderr.split('\n')[0]]).toEqual([exit, `portolan: ${says}`])
    expect(await left()).toContain('b')
    expect(await left()).not.toContain('a')
  })

  it('throws away what has not the digest of its store', async () => {
    server.outputs.push(output('/out/a', 'alpha', { checksums: [{ type: 'sha-256', checksum: sha(Buffer.from('other')) }] }))
    const { code, stderr } = await get()
    expect([code, stderr]).toEqual([1, expect.stringContaining('/out/a: What came has not the sha-256 of its store, and was thrown away')])
    expect(await left()).toEqual([])
  })

  it('leaves what is there, unless it is to give way', async () => {
    server.outputs.push(output('/out/a', 'alpha'))
    await writeFile(join(folder.path, 'a'), 'mine!')
    expect((await get()).stderr).toContain('/out/a: Something else has its name in this folder')
    expect(await readText('a')).toBe('mine!')
    expect((await get('--replace')).code).toBe(0)
    expect((await get()).stdout).toBe('a  5 B, was there, sha-256 is right\n')
  })

  it('never leaves the folder, whatever names and links say', async () => {
    await using elsewhere = await makeFolder()
    await symlink(elsewhere.path, join(folder.path, 'up'))
    server.outputs.push(
      output('/out/../evil', 'x'),
      output('/out/up/evil', 'x'),
      output('/out/bad\u001b[2J', 'x'),
      output('/out/fine', 'x'),
    )
    const { code, stderr } = await get()
    expect(code).toBe(1)
    expect(stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
    expect(
      stderr
        .split('\n')
        .filter(line => line.startsWith('portolan: '))
        .sort(),
    ).toEqual([
      'portolan: /out/../evil: Its name cannot be one of a file here',
      'portolan: /out/bad: Its name cannot be one of a file here',
      expect.stringMatching(/^portolan: \/out\/up\/evil: .* leads out of the folder$/),
    ])
    expect(await left()).toEqual(['fine', 'up'])
    expect(await readdir(elsewhere.path)).toEqual([])
  })

  it.each(['.a.portolan', '.a.portolan.part', '.a.portolan-journal', '.a.Portolan-WAL', '.a.portolan/x', '.portolan-put-0a'])(
    'puts nothing in the place of a journal: %s',
    async name => {
      server.outputs.push(output('/out/a', 'alpha'), output(`/out/${name}`, 'planted'))
      const { code, stderr } = await get()
      expect([code, stderr.split('\n')[0]]).toEqual([1, `portolan: /out/${name}: Its name cannot be one of a file here`])
      expect(await left()).toEqual(['a'])
    },
  )

  it('lets no second command fetch into the same file', async () => {
    server.outputs.push(output('/out/a', 'alpha'))
    server.meddle = () => true
    const args = ['outputs', 'get', 't1', '--to', folder.path, '--url', server.url]
    const { child, ended } = startPortolan(args)
    await until('its bytes are asked for', () => server.asked.length === 1)
    const { code, stderr } = await startPortolan(args).ended
    expect([code, stderr.split('\n')[0]]).toEqual([1, 'portolan: /out/a: Another portolan command is fetching it into this folder'])
    child.kill('SIGKILL')
    await ended
  })
})
