/**
 * Logins in the configuration: what is made of them, and every mistake with its place and its fix.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { formatProblem, loadConfig } from '../config.ts'

const LS = 'https://login.aai.lifescience-ri.eu/oidc/'
const env = { SECRET: makeSecret('of-the-client'), SITE: makeSecret('of-the-site'), BROKEN: makeSecret('two\nlines') }
const SITE = { id: 's', url: 'https://site.example.org/tes', place: { country: 'DE' } }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-issuers-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function load(issuers: readonly object[], rest: object = {}, auth: object = {}) {
  await writeFile(join(folder, 'portolan.yaml'), stringify({ auth: { issuers, ...auth }, ...rest }))
  return await loadConfig({ file: 'portolan.yaml', env, cwd: folder })
}

async function problemsOf(...args: Parameters<typeof load>): Promise<readonly string[]> {
  const loaded = await load(...args)
  return loaded.kind === 'config' ? [] : loaded.problems.map(problem => formatProblem(problem).replace(/^\S*portolan\.yaml:\d+: /, ''))
}

const ls = (changes: object = {}): object => ({ issuer: LS, clientId: 'portolan', clientSecretRef: 'env:SECRET', ...changes })

describe('a login', () => {
  it('needs an issuer and a client, and the rest has values that hurt nobody', async () => {
    expect(await load([{ issuer: LS, clientId: 'portolan' }])).toMatchObject({
      kind: 'config',
      warnings: [{ path: 'auth.issuers[0].scopes' }],
      auth: {
        mode: 'required',
        issuers: [
          {
            issuer: LS,
            id: 'login.aai.lifescience-ri.eu',
            name: 'login.aai.lifescience-ri.eu',
            clientId: 'portolan',
            scopes: ['openid', 'profile', 'email'],
            claimsFrom: 'userinfo',
            entitlementAuthorities: [],
            audiences: [],
            allowedAzp: [],
            foreignAudiences: [],
            opaqueTokens: false,
            acrValues: [],
            origins: ['https://login.aai.lifescience-ri.eu'],
          },
        ],
      },
    })
  })

  it('has its secret from where it points, and shows it to nobody', async () => {
    const loaded = await load([ls({ id: 'ls', name: 'LS Login', endpointOrigins: ['https://api.example.org'] })])
    expect(loaded).toMatchObject({
      auth: { issuers: [{ id: 'ls', name: 'LS Login', origins: ['https://login.aai.lifescience-ri.eu', 'https://api.example.org'] }] },
    })
    expect(loaded.kind === 'config' && loaded.auth.issuers[0]?.clientSecret?.reveal()).toBe(env.SECRET)
    expect(JSON.stringify(loaded)).not.toContain(env.SECRET)
  })

  it('takes no token that was made for a site, whoever had it issued', async () => {
    const client = { issuer: LS, clientId: 'portolan', clientSecretRef: 'env:SITE' }
    const exchange = { kind: 'token_exchange', ...client, resource: 'https://site.example.org/', audience: 'site' }
    const own = { kind: 'client_credentials', ...client, resource: 'https://other.example.org/' }
    const sites = [
      { ...SITE, credential: exchange },
      { ...SITE, id: 't', credential: own },
    ]
    expect(await load([ls({ foreignAudiences: ['third', 'site'] })], { sites })).toMatchObject({
      auth: { issuers: [{ foreignAudiences: ['third', 'site', 'https://site.example.org/', 'https://other.example.org/'] }] },
    })
  })

  it('that is not asked in open mode needs no secret', async () => {
    const loaded = await load([ls({ clientSecretRef: 'env:NOWHERE' })], {}, { mode: 'open' })
    expect(loaded).toMatchObject({ kind: 'config', auth: { mode: 'open', issuers: [] }, warnings: [{ path: 'auth.issuers' }] })
  })
})

describe('a mistake in a login is named with its place and its fix', () => {
  const first = 'auth.issuers[0]'
  const second = 'auth.issuers[1]'
  const lab = (issuer: string, changes: object): object => ({ issuer, clientId: 'p', ...changes })
  const rows: readonly [title: string, issuers: readonly object[], says: readonly string[]][] = [
    [
      'an address in clear',
      [ls({ issuer: 'http://login.example.org/' })],
      [`${first}.issuer is http: secrets and tokens would travel in clear; use the https address`],
    ],
    [
      'endpoints in clear',
      [ls({ endpointOrigins: ['http://api.example.org'] })],
      [`${first}.endpointOrigins[0] is http: secrets and tokens would travel in clear; use the https address`],
    ],
    [
      'an address that is none',
      [ls({ issuer: 'login.example.org' })],
      [
        `${first}.issuer is not an http or https URL; write it whole, such as https://host/path, without user name, query or fragment; a login goes into \`credential\``,
      ],
    ],
    [
      'an address with an @',
      [ls({ issuer: 'https://login.example.org/@lab' })],
      [`${first}.issuer holds an @; ask the login for an issuer without one: people are written as sub@issuer`],
    ],
    [
      'a secret that is not there',
      [ls({ clientSecretRef: 'env:NOWHERE' })],
      [`${first}.clientSecretRef names the environment variable NOWHERE, which is not set; set NOWHERE`],
    ],
    [
      'a secret of two lines',
      [ls({ clientSecretRef: 'env:BROKEN' })],
      [`${first}.clientSecretRef leads to a secret with a line break or another control character; store the secret alone, on one line`],
    ],
    [
      'introspection without a secret',
      [lab(LS, { claimsFrom: 'introspection' })],
      [`${first}.clientSecretRef is missing, and introspection needs it; add where the client secret is`],
    ],
    [
      'groups without a prefix',
      [ls({ groupsClaim: 'groups' })],
      [`${first}.groupPrefix is missing beside groupsClaim; add one, such as \`lab:\`, by which rules name its groups`],
    ],
    [
      'a prefix without groups',
      [ls({ groupPrefix: 'lab:' })],
      [`${first}.groupsClaim is missing beside groupPrefix; name the claim that has the groups, or remove groupPrefix`],
    ],
    [
      'a prefix that looks like an entitlement',
      [ls({ groupsClaim: 'groups', groupPrefix: 'urn:lab:' })],
      [`${first}.groupPrefix begins with urn:, as entitlements do; choose another, such as \`lab:\``],
    ],
    [
      'prefixes that begin alike',
      [
        lab('https://a.example.org', { groupsClaim: 'g', groupPrefix: 'lab:' }),
        lab('https://b.example.org', { groupsClaim: 'g', groupPrefix: 'lab:berlin:' }),
      ],
      [`${second}.groupPrefix "lab:berlin:" and "lab:" of another login begin alike; make them differ from the start`],
    ],
    [
      'an authority that is none',
      [ls({ entitlementAuthorities: ['#nobody'] })],
      [`${first}.entitlementAuthorities[0] is no authority: #nobody; write aai.example.org, or urn:geant:example.org#aai.example.org`],
    ],
    ['scopes without openid', [ls({ scopes: ['email'] })], [`${first}.scopes lacks openid, without which nobody logs in; add openid`]],
    ['one login twice', [ls({ id: 'a' }), ls({ id: 'b' })], [`${second}.issuer ${LS} is there twice; put its rules into one entry`]],
    [
      'two logins at one host',
      [lab('https://sso.example.org/realms/a', {}), lab('https://sso.example.org/realms/b', {})],
      [`${second}.id sso.example.org is there twice; give each an id of its own`],
    ],
    [
      'two logins with opaque tokens',
      [ls({ opaqueTokens: true }), lab('https://b.example.org', { opaqueTokens: true, clientSecretRef: 'env:SECRET' })],
      [`${second}.opaqueTokens is true for another login too, and an opaque token does not say whose it is; set it for one login only`],
    ],
  ]
  it.each(rows)('%s', async (_, issuers, says) => {
    expect(await problemsOf(issuers)).toEqual(says)
  })

  it('a broker on the network that has no name', async () => {
    expect(await problemsOf([ls()], { server: { host: '0.0.0.0' } })).toEqual([
      'server.publicUrl is missing while server.host is 0.0.0.0: tokens name it, and logins send people back to it; write the https address under which people reach the broker',
    ])
  })

  it('a broker that people reach in clear', async () => {
    expect(await problemsOf([ls()], { server: { host: '0.0.0.0', publicUrl: 'http://broker.example.org' } })).toEqual([
      'server.publicUrl is http: tokens and sessions would travel in clear; put TLS before the broker and write its https address',
    ])
  })

  it('administrators and members of a login that nobody comes by, to the letter', async () => {
    const wrong = `ada@${LS.slice(0, -1)}`
    const fix = 'write sub@https://the.login/, or the whole entitlement with its authority: urn:geant:example.org:group:lab#aai.example.org'
    const says = `is of the login ${LS.slice(0, -1)}, which is none of auth.issuers (a slash at the end counts): ${wrong}; ${fix}`
    expect(await problemsOf([ls()], { projects: [{ id: 'p', members: [`ada@${LS}`, wrong] }] }, { admins: [wrong] })).toEqual([
      `auth.admins[0] ${says}`,
      `projects[0].members[1] ${says}`,
    ])
  })
})

describe('members by an entitlement', () => {
  const LAB = 'urn:geant:example.org:group:lab#aai.example.org'
  const projects = [{ id: 'p', members: [LAB] }]
  const wrong = `is of the authority aai.example.org, which no login of auth.issuers may speak through, so nobody can be meant: ${LAB}; add aai.example.org to entitlementAuthorities of the login that speaks for it`

  it.each([
    ['no authority at all', [], [`projects[0].members[0] ${wrong}`]],
    ['another authority', ['aai.other.org'], [`projects[0].members[0] ${wrong}`]],
    ['the authority for another namespace', ['urn:geant:other.org#aai.example.org'], [`projects[0].members[0] ${wrong}`]],
    ['the authority', ['aai.example.org'], []],
    ['the authority for this namespace', ['urn:geant:example.org#aai.example.org'], []],
  ])('where the logins pin %s', async (_, entitlementAuthorities, expected) => {
    expect(await problemsOf([ls({ entitlementAuthorities })], { projects })).toEqual(expected)
  })

  it('are administrators by the same rule', async () => {
    expect(await problemsOf([ls()], {}, { admins: [LAB] })).toEqual([`auth.admins[0] ${wrong}`])
  })
})

describe('what loads and yet deserves a word', () => {
  const warned = async (...args: Parameters<typeof load>) => (await load(...args)).warnings.map(({ path, message }) => `${path} ${message}`)
  const whole = ['openid', 'eduperson_entitlement', 'offline_access']

  it.each([
    ['all that is needed', { scopes: whole, entitlementAuthorities: ['aai.example.org'] }, []],
    [
      'no entitlements, though some count',
      { scopes: ['openid', 'offline_access'], entitlementAuthorities: ['aai.example.org'] },
      [
        'auth.issuers[0].scopes ask for no entitlements (at LS-Login the scope is eduperson_entitlement), by which alone members of groups are known',
      ],
    ],
    ['no entitlements, where none count', { scopes: ['openid', 'offline_access'] }, []],
    [
      'nothing about people who are away',
      { scopes: ['openid'] },
      [
        'auth.issuers[0].scopes lack offline_access: nobody can be asked about people who are away, so their tokens create nothing once their claims are too old',
      ],
    ],
  ])('a login that is asked for %s', async (_, changes, expected) => {
    expect(await warned([ls(changes)])).toEqual(expected)
  })

  it.each([
    ['https, with a proxy that is named', { publicUrl: 'https://broker.example.org', trustProxy: ['10.0.0.1'] }, 0],
    ['https, with none', { publicUrl: 'https://broker.example.org' }, 1],
    ['http on this machine, with none', { publicUrl: 'http://127.0.0.1:8080' }, 0],
  ])('warns that all clients count as one where the public URL is %s', async (_, server, count) => {
    const warnings = (await warned([ls()], { server })).filter(warning => warning.startsWith('server.trustProxy '))
    expect(warnings).toHaveLength(count)
  })

  it('a project without members', async () => {
    expect(await warned([ls({ scopes: whole })], { projects: [{ id: 'p' }] })).toEqual([
      'projects[0] has no members: nobody can work in it',
    ])
  })
})
