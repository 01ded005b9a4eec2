/**
 * Starts that cannot be, of the broker as its users start it: each ends by itself, with a sentence that says what to do.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listening, type SpawnedBroker, spawnBroker } from './spawn-broker.ts'

interface Places {
  readonly store?: string
  readonly keys?: string
  readonly port?: number
  readonly roles?: string
}

let folder: string
let count = 0
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-start-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function start({
  store = 'data/portolan.db',
  keys = 'keys',
  port = 0,
  roles = 'api, reconciler',
}: Places = {}): Promise<SpawnedBroker> {
  const file = join(folder, `broker-${count++}.yaml`)
  const text = [
    'auth: {mode: open}',
    `server: {port: ${port}, roles: [${roles}]}`,
    `store: {kind: sqlite, path: ${resolve(folder, store)}}`,
    `keys: {dir: ${join(folder, keys)}}`,
  ]
  await writeFile(file, `${text.join('\n')}\n`)
  return spawnBroker('--config', file)
}

describe('a broker that cannot start ends with 1 and says why', () => {
  it('where another program has the port', async () => {
    const first = await start()
    const { port } = await listening(first)
    const second = await start({ store: 'other/portolan.db', keys: 'other-keys', port: Number(port) })
    expect(await second.ended).toMatchObject({ code: 1, err: expect.stringContaining(`127.0.0.1:${port} is in use by another program`) })
  })

  it.each([
    { title: 'where the folder of the store cannot be made', store: '/proc/x/y.db', says: 'store.path: the folder /proc/x cannot be made' },
    { title: 'where the store is a folder', store: 'a-folder', says: /store\.path: \S+a-folder cannot be opened/ },
    { title: 'where the store is no database', store: 'broker.txt', says: /store\.path: \S+broker\.txt cannot be opened/ },
    { title: 'where the folder of the keys is a file', keys: 'broker.txt', says: /keys\.dir: the folder \S+broker\.txt cannot be made/ },
  ])('$title', async ({ store, keys, says }) => {
    await mkdir(join(folder, 'a-folder'))
    await writeFile(join(folder, 'broker.txt'), 'a text that is long enough to be looked at as a database, and is none of them')
    const broker = await start({ ...(store !== undefined && { store }), ...(keys !== undefined && { keys }) })
    const { code, err } = await broker.ended
    expect(code).toBe(1)
    expect(err).toMatch(says)
    expect(err).not.toContain('    at ')
  })

  it('where another broker works on the store', async () => {
    await listening(await start())
    const second = await start()
    const { code, err } = await second.ended
    expect(code).toBe(1)
    expect(err).toContain(`store.path: ${join(folder, 'data/portolan.db')} is in use by another broker with the role api`)
  })
})

describe('a broker whose keys are not what they were ends with 1 and says in one sentence what is wrong, where, and what to do', () => {
  const rows: readonly { title: string; spoil: (keys: string) => Promise<unknown>; says: RegExp }[] = [
    ...(['documents', 'persons'] as const).map(purpose => ({
      title: `where the key file of ${purpose} is missing`,
      spoil: (keys: string) => rm(join(keys, `${purpose}.json`)),
      says: new RegExp(
        `^portolan: store\\.path: \\S+portolan\\.db needs keys that keys\\.dir \\S+keys lacks: ${purpose} [a-z0-9]+; restore the key files from a backup$`,
        'm',
      ),
    })),
    {
      title: 'where the folder of the keys is gone',
      spoil: keys => rm(keys, { recursive: true }),
      says: /^portolan: store\.path: \S+ needs keys that keys\.dir \S+keys lacks: documents \w+, persons \w+; restore the key files from a backup$/m,
    },
    {
      title: 'where a key file is a folder',
      spoil: async keys => {
        await rm(join(keys, 'tags.json'))
        await mkdir(join(keys, 'tags.json'))
      },
      says: /^portolan: keys\.dir: \S+tags\.json cannot be read \(.*EISDIR.*\); .*restore it from a backup/m,
    },
    {
      title: 'where a key file holds something else',
      spoil: keys => writeFile(join(keys, 'documents.json'), '{"purpose":"documents"}'),
      says: /^portolan: keys\.dir: \S+documents\.json: not a key file for documents; restore it from a backup/m,
    },
  ]
  it.each(rows)('$title', async ({ spoil, says }) => {
    const first = await start()
    await listening(first)
    first.child.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ code: 0 })
    await spoil(join(folder, 'keys'))
    const left = () => readdir(join(folder, 'keys')).catch(() => [])
    const before = await left()
    const { code, err } = await (await start()).ended
    expect(code).toBe(1)
    expect(err).toMatch(says)
    expect(err).not.toMatch(/^ {4}at /m)
    expect(err.match(/^portolan: /gm)).toHaveLength(1)
    expect(await left()).toEqual(before)
  })
})

describe('the lock on a store', () => {
  it('is given back by a broker that is killed', async () => {
    const first = await start()
    await listening(first)
    first.child.kill('SIGKILL')
    await first.ended
    await expect(listening(await start())).resolves.toBeInstanceOf(URL)
  })

  it('is held for each role, so that two processes may share the work', async () => {
    await listening(await start({ roles: 'api' }))
    const worker = await start({ roles: 'reconciler' })
    await expect(once(worker.child.stdout ?? process.stdin, 'data')).resolves.toEqual([expect.stringContaining('portolan listening on')])
  })
})

it('a start that hangs in the file system ends on SIGTERM all the same', async () => {
  await mkdir(join(folder, 'data'))
  const pipe = join(folder, 'data/portolan.db')
  execFileSync('mkfifo', [pipe])
  const broker = await start()
  // Its lock is taken just before it opens the store, which nobody ever reads here.
  await expect.poll(() => access(`${pipe}.reconciler.lock`).then(() => true), { timeout: 20_000 }).toBe(true)
  broker.child.kill('SIGTERM')
  const { signal, err } = await broker.ended
  expect(signal).toBe('SIGKILL')
  expect(err).toContain('look at the file systems of store.path and keys.dir')
})

it('--help says how it is used, and ends with 0', async () => {
  expect(await spawnBroker('--help').ended).toMatchObject({ code: 0, out: expect.stringMatching(/^usage: portolan broker/), err: '' })
})
