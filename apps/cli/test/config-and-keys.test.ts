import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openKeyRing } from '@portolan/broker/keys'
import { describe, expect, it } from 'vitest'
import { startFederation } from '../../../test/harness/federation.ts'
import { fakeSite } from '../../../test/harness/sites.ts'
import { portolan } from './portolan.ts'
import { makeFolder } from './temporary.ts'

const GOOD = 'auth: { mode: open }\nsites:\n  - { id: berlin, url: "https://tes.example/v1", place: { country: DE } }\n'
const BAD = ['auth: { mode: open }', 'server: { port: 70000 }', 'sitesDir: ./sites', 'tracking: { sweepSecond: 3 }', ''].join('\n')
const BAD_SITE =
  'id: berlin\nurl: https://tes.example/v1\nplace: { country: UK }\ncredential: { kind: bearer, tokenRef: "my-own-secret" }\n'
const LOST_SITE = 'id: paris\nurl: https://tes2.example/v1\nplace: { country: FR }\nholds: [nowhere]\n'

describe('config', () => {
  it('check praises a configuration that is good', async () => {
    await using folder = await makeFolder({ 'portolan.yaml': GOOD })
    const { code, stdout } = await portolan(['config', 'check', 'portolan.yaml'], { cwd: folder.path })
    expect([code, stdout.split('\n').at(-2)]).toEqual([0, `${join(folder.path, 'portolan.yaml')}: good; 1 site, 0 locations, 1 project`])
    const byName = await portolan(['config', 'check', '--json'], { cwd: folder.path, env: { PORTOLAN_CONFIG: 'portolan.yaml' } })
    expect([byName.code, JSON.parse(byName.stdout)]).toMatchObject([0, { good: true, problems: [] }])
  })

  it('check names every mistake with its file, line, path and fix, and no secret', async () => {
    await using folder = await makeFolder({ 'portolan.yaml': BAD, 'sites/berlin.yaml': BAD_SITE, 'sites/paris.yaml': LOST_SITE })
    const { code, stdout, stderr } = await portolan(['config', 'check', 'portolan.yaml'], { cwd: folder.path })
    expect(code).toBe(2)
    const lines = stdout.trimEnd().split('\n')
    const places = lines.map(line => line.replace(`${folder.path}/`, '').split(' ').slice(0, 2).join(' '))
    expect(places.sort()).toEqual([
      'portolan.yaml:2: server.port',
      'portolan.yaml:4: tracking.sweepSecond',
      'sites/berlin.yaml:3: place.country',
      'sites/berlin.yaml:4: credential.tokenRef',
      'sites/paris.yaml:4: holds[0]',
    ])
    for (const line of lines) expect(line).toMatch(/; \S/)
    expect(stderr).toBe('5 mistakes; the broker does not start with it\n')
    const json = await portolan(['config', 'check', 'portolan.yaml', '--json'], { cwd: folder.path })
    const { good, problems } = JSON.parse(json.stdout)
    expect([json.code, good, problems.length]).toEqual([2, false, 5])
    expect(stdout + stderr + json.stdout).not.toContain('my-own-secret')
  })

  it('check says so of a file that is not there', async () => {
    const { code, stdout } = await portolan(['config', 'check', 'no-such-file.yaml'])
    expect([code, stdout]).toEqual([2, expect.stringContaining('no-such-file.yaml')])
  })

  it('schema prints a JSON Schema of every section', async () => {
    const { code, stdout } = await portolan(['config', 'schema'])
    const { properties } = JSON.parse(stdout)
    expect([code, Object.keys(properties)]).toEqual([0, expect.arrayContaining(['server', 'store', 'keys', 'auth', 'sites', 'sitesDir'])])
  })
})

describe('keys rotate', () => {
  it('adds a key, keeps the old ones, and a broker goes on with what it has stored', async () => {
    await using federation = await startFederation({ sites: [fakeSite('berlin')] })
    const { id } = await federation.run({ name: 'before' })
    const folder = join(federation.site('berlin').dataFolder, '../..')
    const file = join(folder, 'portolan.yaml')
    const env = { TOKEN_BERLIN: 'x' }
    const before = JSON.parse(await readFile(join(folder, 'data/keys/documents.json'), 'utf8'))
    const { code, stdout } = await portolan(['keys', 'rotate', 'documents', '--config', file, '--json'], { env })
    const after = JSON.parse(await readFile(join(folder, 'data/keys/documents.json'), 'utf8'))
    expect([code, JSON.parse(stdout)]).toEqual([0, { purpose: 'documents', key: after.keys.at(-1).id, dir: join(folder, 'data/keys') }])
    expect([after.keys.length, after.keys[0]]).toEqual([before.keys.length + 1, before.keys[0]])
    await federation.restart()
    expect(await federation.full(id)).toMatchObject({ name: 'before', state: 'COMPLETE' })
  })

  it('of tokens needs no restart, and says when the new key counts', async () => {
    await using folder = await makeFolder({ 'good.yaml': GOOD })
    await openKeyRing(join(folder.path, 'data/keys'))
    const { code, stdout } = await portolan(['keys', 'rotate', 'tokens', '--config', 'good.yaml'], { cwd: folder.path })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^tokens: new key \w+ in .*; it is published within a minute/)])
    const { keys } = JSON.parse(await readFile(join(folder.path, 'data/keys/tokens.json'), 'utf8'))
    expect(keys).toHaveLength(2)
  })

  it.each([
    ['a purpose that there is not', ['keys', 'rotate', 'everything'], 2],
    ['a configuration with mistakes', ['keys', 'rotate', 'tags', '--config', 'bad.yaml'], 2],
    ['keys that were never made', ['keys', 'rotate', 'tags', '--config', 'good.yaml'], 1],
  ])('refuses %s, and makes nothing', async (_sentence, args, expected) => {
    await using folder = await makeFolder({ 'good.yaml': GOOD, 'bad.yaml': BAD })
    const { code, stdout, stderr } = await portolan(args, { cwd: folder.path })
    expect([code, stdout]).toEqual([expected, ''])
    expect(stderr).toMatch(/^portolan: .*\n/)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})
