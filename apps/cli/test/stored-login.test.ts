/**
 * What the command keeps of a login, and to whom it shows it.
 */

import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createFakeSite } from '@portolan/tes/testing'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { jsonLines, portolan, runHere } from './portolan.ts'
import { accessOf, refreshOf, startSmallBroker, startSmallBrokers } from './small-broker.ts'
import { makeFolder } from './temporary.ts'

const FILE = 'portolan/credentials.json'

async function start() {
  const broker = await startSmallBroker()
  const folder = await makeFolder()
  const env = { XDG_CONFIG_HOME: folder.path, PORTOLAN_URL: broker.url }
  const path = join(folder.path, FILE)
  const logIn = () => runHere(['login'], { env })
  return {
    broker,
    env,
    path,
    logIn,
    read: async () => JSON.parse(await readFile(path, 'utf8')).servers[broker.url],
    change: async (fields: object) => {
      const all = JSON.parse(await readFile(path, 'utf8'))
      all.servers[broker.url] = { ...all.servers[broker.url], ...fields }
      await writeFile(path, JSON.stringify(all))
    },
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)

describe('a login', () => {
  it('is kept in one file that only its owner can read, and later commands ask by it', async () => {
    await using at = await start()
    const { code, stdout, stderr } = await at.logIn()
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`${at.broker.url}/app/device?user_code=BCDF-GHJK`)
    expect(stdout).toContain('BCDF-GHJK, if it is the one that you see there')
    expect(stdout).toContain('Ada (ada@https://login.example/)')
    expect(stdout).not.toContain('\u001b')
    expect(stdout).not.toMatch(/access-|refresh-/)
    expect([await modeOf(at.path), await modeOf(join(at.path, '..'))]).toEqual(['600', '700'])
    expect(await readdir(join(at.path, '..'))).toEqual(['credentials.json', 'credentials.json.lock'])
    expect((await runHere(['list'], { env: at.env })).code).toBe(0)
    expect(at.broker.asked.at(-1)).toMatchObject({ what: expect.stringContaining('/tasks'), credential: accessOf(1) })
  })

  it('goes by the login that is named', async () => {
    await using at = await start()
    const { stdout } = await runHere(['login', '--issuer', 'ls-login', '--json'], { env: at.env })
    const [first, last] = jsonLines(stdout)
    expect(first).toMatchObject({
      page: `${at.broker.url}/app/login?issuer=ls-login&return_to=%2Fapp%2Fdevice%3Fuser_code%3DBCDF-GHJK`,
      userCode: 'BCDF-GHJK',
    })
    expect(last).toMatchObject({ server: at.broker.url, scopes: ['read', 'write'], me: { subject: 'ada' } })
  })

  it('ends the one before it at the broker', async () => {
    await using at = await start()
    await at.logIn()
    await at.logIn()
    expect(at.broker.revoked).toEqual([refreshOf(1)])
  })

  it('goes away with a logout, here and at the broker', async () => {
    await using at = await start()
    await at.logIn()
    expect(await runHere(['logout'], { env: at.env })).toMatchObject({ code: 0, stdout: `Logged out at ${at.broker.url}\n` })
    expect([at.broker.revoked, await at.read()]).toEqual([[refreshOf(1)], undefined])
    expect((await runHere(['logout'], { env: at.env })).stdout).toContain('Nobody is logged in')
    expect((await runHere(['me'], { env: at.env })).stderr).toContain('Log in with portolan login')
  })

  it('goes away here even if the broker cannot be told, and says so', async () => {
    await using at = await start()
    await at.logIn()
    await at.broker[Symbol.asyncDispose]()
    const { code, stderr } = await runHere(['logout'], { env: at.env })
    expect([code, stderr]).toEqual([3, expect.stringContaining('Nothing is kept here any more, but the broker was not told')])
    expect(await at.read()).toBeUndefined()
  })
})

describe('T10 a stored token', () => {
  it('is sent to its origin alone', async () => {
    await using at = await start()
    await at.logIn()
    await using other = await startSmallBroker()
    expect((await runHere(['list', '--url', other.url], { env: at.env })).code).toBe(4)
    expect((await runHere(['list', '--url', at.broker.url.replace('127.0.0.1', 'localhost')], { env: at.env })).code).toBe(4)
    expect(other.asked.map(({ credential }) => credential)).not.toContain(accessOf(1))
  })

  it('is sent to its broker alone where another one lies at the same origin', async () => {
    await using side = await startSmallBrokers('/a', '/b')
    await using folder = await makeFolder()
    const env = { XDG_CONFIG_HOME: folder.path }
    const [a, b] = side.brokers.map(broker => ({ ...broker, run: (command: string) => runHere([command, '--url', broker.url], { env }) }))
    if (!a || !b) throw new Error('there are two')
    expect([(await a.run('login')).code, (await b.run('me')).code]).toEqual([0, 4])
    expect((await b.run('login')).stdout).toContain(`Logged in at ${b.url}\n`)
    expect([a.revoked, b.revoked]).toEqual([[], []])
    expect([(await a.run('me')).code, (await b.run('me')).code]).toEqual([0, 0])
    expect((await a.run('logout')).stdout).toBe(`Logged out at ${a.url}\n`)
    expect([a.revoked, b.revoked]).toEqual([[refreshOf(1)], []])
    expect((await b.run('list')).code).toBe(0)
  })

  it('of a file that names it by its origin is found by the address of its broker, and by no other', async () => {
    await using side = await startSmallBrokers('/a', '/b')
    await using folder = await makeFolder()
    const env = { XDG_CONFIG_HOME: folder.path }
    const [a, b] = side.brokers
    if (!a || !b) throw new Error('there are two')
    await runHere(['login', '--url', a.url], { env })
    const path = join(folder.path, FILE)
    const { servers } = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ version: 1, servers: { [new URL(a.url).origin]: servers[a.url] } }))
    expect((await runHere(['list', '--url', a.url], { env })).code).toBe(0)
    expect((await runHere(['list', '--url', b.url], { env })).code).toBe(4)
    expect((await runHere(['login', '--url', b.url], { env })).code).toBe(0)
    expect(Object.keys(JSON.parse(await readFile(path, 'utf8')).servers)).toEqual([a.url, b.url])
    expect((await runHere(['logout', '--url', a.url], { env })).code).toBe(0)
    expect([a.revoked, b.revoked]).toEqual([[refreshOf(1)], []])
  })

  it('gives way to the token of the environment', async () => {
    await using at = await start()
    await at.logIn()
    const token = makeSecret('from-env')
    at.broker.good.add(token)
    expect((await runHere(['list'], { env: { ...at.env, PORTOLAN_TOKEN: token } })).code).toBe(0)
    expect(at.broker.asked.at(-1)?.credential).toBe(token)
  })

  it.each([
    ['others may read it', 0o644, undefined],
    ['its group may read it', 0o640, undefined],
    ['others may write to its folder', undefined, 0o777],
  ])('is not used where %s', async (_sentence, file, folder) => {
    await using at = await start()
    await at.logIn()
    if (file) await chmod(at.path, file)
    if (folder) await chmod(join(at.path, '..'), folder)
    const before = at.broker.asked.length
    const { code, stderr } = await runHere(['list'], { env: at.env })
    expect([code, stderr]).toEqual([4, expect.stringMatching(/are not used: .*\n.*chmod [67]00/)])
    expect(at.broker.asked.length).toBe(before)
  })

  it('of a damaged file is no reason to fail without a word', async () => {
    await using at = await start()
    await at.logIn()
    await writeFile(at.path, '{"version": 1')
    const { code, stderr } = await runHere(['list'], { env: at.env })
    expect([code, stderr]).toEqual([1, expect.stringContaining('is no file of credentials')])
  })
})

describe('a token that ends', () => {
  it('is renewed before it does, and the new refresh token is kept', async () => {
    await using at = await start()
    await at.logIn()
    await at.change({ obtainedAt: Date.now() - 870_000, expiresAt: Date.now() + 30_000 })
    expect((await runHere(['list'], { env: at.env })).code).toBe(0)
    expect(at.broker.asked.at(-1)?.credential).toBe(accessOf(2))
    expect(await at.read()).toMatchObject({ accessToken: accessOf(2), refreshToken: refreshOf(2) })
    expect(await modeOf(at.path)).toBe('600')
  })

  it('is renewed once where the server does not take it', async () => {
    await using at = await start()
    await at.logIn()
    at.broker.good.clear()
    expect((await runHere(['list'], { env: at.env })).code).toBe(0)
    expect(at.broker.refreshes).toBe(1)
  })

  it('is not renewed again and again where the server takes none', async () => {
    await using at = await start()
    await at.logIn()
    at.broker.good.clear()
    at.broker.good.add = () => at.broker.good
    expect((await runHere(['list'], { env: at.env })).code).toBe(4)
    expect(at.broker.refreshes).toBe(1)
  })

  it('ends the login here too where the broker has ended it', async () => {
    await using at = await start()
    await at.logIn()
    at.broker.good.clear()
    at.broker.current = undefined
    const { code, stderr } = await runHere(['list'], { env: at.env })
    expect([code, stderr]).toEqual([4, expect.stringContaining('is over: The refresh token was used before')])
    expect(stderr).toContain('portolan login')
    expect(await at.read()).toBeUndefined()
  })

  it.each([
    ['its person may not log in now', 400, 'access_denied', 4],
    ['nothing that is asked for may be given now', 400, 'invalid_scope', 4],
    ['the broker can decide nothing now', 503, 'temporarily_unavailable', 1],
  ])('is not renewed where %s, says so, and is kept for later', async (_, status, error, exit) => {
    await using at = await start()
    await at.logIn()
    await at.change({ expiresAt: Date.now() - 1 })
    at.broker.refusal = { status, error, error_description: 'Nothing is given for it just now.' }
    const { code, stderr } = await runHere(['list'], { env: at.env })
    expect([code, stderr]).toEqual([exit, expect.stringContaining('cannot be renewed now: Nothing is given for it just now')])
    expect(stderr).not.toContain('portolan login')
    at.broker.refusal = undefined
    expect((await runHere(['list'], { env: at.env })).code).toBe(0)
  })

  it('is renewed by one of many commands side by side, and never with one refresh token twice', async () => {
    await using at = await start()
    await at.logIn()
    await at.change({ expiresAt: Date.now() - 1 })
    const ended = await Promise.all(Array.from({ length: 4 }, () => portolan(['list'], { env: at.env })))
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 4 }, () => [0, '']))
    expect(at.broker.refreshes).toBe(1)
    at.broker.good.clear()
    const again = await Promise.all(Array.from({ length: 4 }, () => portolan(['list'], { env: at.env })))
    expect(again.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    expect(at.broker.refreshes).toBe(2)
  })

  it('goes on to its end while the broker cannot renew it', async () => {
    await using at = await start()
    await at.logIn()
    await at.change({ obtainedAt: Date.now() - 870_000, expiresAt: Date.now() + 30_000 })
    at.broker.refusal = { status: 503, error: 'temporarily_unavailable', error_description: 'Not now' }
    expect((await runHere(['list'], { env: at.env })).code).toBe(0)
    expect(at.broker.asked.at(-1)?.credential).toBe(accessOf(1))
  })
})

it('is not to be had at a server that has none, and the command says so', async () => {
  await using site = await createFakeSite()
  await using folder = await makeFolder()
  const { code, stderr } = await runHere(['login'], { env: { PORTOLAN_URL: site.url, XDG_CONFIG_HOME: folder.path } })
  expect([code, stderr]).toEqual([6, expect.stringContaining('has no login')])
})

it.each(['http://192.0.2.2:9', 'http://portolan.invalid/base/'])('is not begun at %s, where it would travel in clear', async url => {
  await using folder = await makeFolder()
  const { code, stdout, stderr } = await runHere(['login', '--timeout', '1', '--url', url], { env: { XDG_CONFIG_HOME: folder.path } })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/is plain http: your tokens could be read on the way\n.*https address/)
})

it('is approved at a page elsewhere only with a word of it', async () => {
  await using at = await start()
  expect((await at.logIn()).stderr).toBe('')
  at.broker.pageUrl = 'https://elsewhere.example/app/device'
  const { code, stderr } = await at.logIn()
  expect([code, stderr]).toEqual([0, expect.stringContaining(`That page lies elsewhere than ${at.broker.url}`)])
})

it('without a folder for it there is no login, and the command says why', async () => {
  await using at = await start()
  const { code, stderr } = await runHere(['login'], { env: { PORTOLAN_URL: at.broker.url } })
  expect([code, stderr]).toEqual([1, expect.stringContaining('neither XDG_CONFIG_HOME nor HOME')])
})
