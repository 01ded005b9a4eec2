import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MARKER as MARK } from '../../../../test/leaks/secrets.ts'
import { formatProblem, formatWarning, loadConfig, Secret } from '../config.ts'
import { makeAuthority } from '../http/make-certificate.fixture.ts'

const NOW = Date.parse('2026-06-01')
const day = (text: string): number => Date.parse(text)

const authority = makeAuthority('Authority')
const good = authority.issue({ name: 'portolan', from: day('2026-01-01'), until: day('2027-01-01') })
const expired = authority.issue({ name: 'portolan', from: day('2025-01-01'), until: day('2026-05-20') })
const ending = authority.issue({ name: 'portolan', from: day('2026-01-01'), until: day('2026-06-20') })
const early = authority.issue({ name: 'portolan', from: day('2026-07-01'), until: day('2027-01-01') })
const locked = authority.issue({ name: 'portolan', from: day('2026-01-01'), until: day('2027-01-01'), passphrase: MARK })

const env = {
  CERT: good.certificate,
  KEY: good.key,
  CA: authority.certificate,
  EXPIRED: expired.certificate,
  EXPIRED_KEY: expired.key,
  ENDING: ending.certificate,
  ENDING_KEY: ending.key,
  EARLY: early.certificate,
  EARLY_KEY: early.key,
  LOCKED: locked.certificate,
  LOCKED_KEY: locked.key,
  PASSPHRASE: MARK,
  WRONG: `wrong-${MARK}`,
  SECRET: MARK,
  BROKEN: `${MARK}\n2`,
  BLANK: `${MARK} `,
  EURO: `${MARK}€`,
  CONTROL: `${MARK}\u0001`,
}

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-credential-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A broker with one site, or one location, of this credential. */
async function load(credential: string, { url = 'https://tes.example.org/v1', mode = 'open', of = 'sites' } = {}) {
  const site = `id: a\nurl: ${url}\nplace: {country: DE}\ncredential: ${credential}\n`
  const location = `id: a\ncountry: DE\nkind: http\nprefixes: [{url: "${url}/"}]\ncredential: ${credential}\n`
  await mkdir(join(folder, of), { recursive: true })
  await writeFile(join(folder, of, 'a.yaml'), of === 'sites' ? site : location)
  await writeFile(join(folder, 'portolan.yaml'), `auth: {mode: ${mode}}\n${of}Dir: ${of}\n`)
  const loaded = await loadConfig({ file: 'portolan.yaml', env, cwd: folder, now: () => NOW })
  const lines = (loaded.kind === 'config' ? [] : loaded.problems).map(formatProblem)
  return {
    loaded,
    // The main file has its own tests.
    problems: lines.filter(line => !line.includes('portolan.yaml')).map(line => line.replace(`${folder}/${of}/a.yaml:`, '')),
    warnings: loaded.warnings.map(one => formatWarning(one).replace(`${folder}/${of}/a.yaml:`, '')),
  }
}

const CERTIFICATE = 'certRef: "env:CERT", keyRef: "env:KEY"'
const CLIENT = 'clientId: portolan, clientSecretRef: "env:SECRET"'
const ISSUER = 'issuer: "https://login.example/"'

describe('a credential of a site', () => {
  const rows: readonly [string, string, object][] = [
    ['a client certificate', `{kind: mtls, ${CERTIFICATE}, caRef: "env:CA"}`, { kind: 'mtls', certificate: { ca: authority.certificate } }],
    ['a locked key', '{kind: mtls, certRef: "env:LOCKED", keyRef: "env:LOCKED_KEY", passphraseRef: "env:PASSPHRASE"}', { kind: 'mtls' }],
    [
      'a certificate beside a password',
      `{kind: basic, username: u, passwordRef: "env:SECRET", mtls: {${CERTIFICATE}}}`,
      { kind: 'basic', certificate: { certificate: good.certificate } },
    ],
    [
      'a client of an issuer',
      `{kind: client_credentials, ${ISSUER}, ${CLIENT}, scope: "a b", resource: "https://a/"}`,
      {
        kind: 'client_credentials',
        client: { server: { issuer: 'https://login.example/' }, clientAuth: 'basic', scope: 'a b', resource: 'https://a/' },
      },
    ],
    [
      'a client of a token endpoint',
      `{kind: client_credentials, tokenUrl: "https://login.example/t", ${CLIENT}, clientAuth: post, audience: a}`,
      { client: { server: { tokenUrl: 'https://login.example/t' }, clientAuth: 'post', audience: 'a' } },
    ],
  ]
  it.each(rows)('may be %s', async (_name, credential, expected) => {
    const { loaded, problems } = await load(credential)
    expect(problems).toEqual([])
    expect(loaded).toMatchObject({ sites: [{ credential: expected, site: { open: false } }] })
  })

  it.each(rows.map(([name, credential]) => [name, credential]))('shows no secret of %s', async (_name, credential) => {
    const shown = inspect((await load(credential ?? '')).loaded, { depth: 12, showHidden: true })
    for (const secret of [MARK, good.key.split('\n')[1], locked.key.split('\n')[1]]) expect(shown).not.toContain(secret)
  })

  const mistakes: readonly [string, string, string[], object?][] = [
    [
      'a user name with a colon',
      '{kind: basic, username: "org:portolan", passwordRef: "env:SECRET"}',
      [
        '4: credential.username has a colon, which a user name cannot have; ask the operator there for a user name without one, or for a token and use kind: bearer',
      ],
    ],
    [
      'a user name with a line break',
      '{kind: basic, username: "a\\nb", passwordRef: "env:SECRET"}',
      ['4: credential.username has a line break or another control character; write the name alone, on one line'],
    ],
    [
      'a password with a line break',
      '{kind: basic, username: u, passwordRef: "env:BROKEN"}',
      ['4: credential.passwordRef leads to a secret with a line break or another control character; store the secret alone, on one line'],
    ],
    ...(['BROKEN', 'BLANK', 'EURO', 'CONTROL'] as const).map((name): [string, string, string[]] => [
      `a token that no header can carry (${name})`,
      `{kind: bearer, tokenRef: "env:${name}"}`,
      [
        '4: credential.tokenRef leads to a token with a character that no token has; store the token alone: printable ASCII without blanks and line breaks',
      ],
    ]),
    [
      'a certificate over http',
      `{kind: mtls, ${CERTIFICATE}}`,
      ['4: credential.kind shows a client certificate, and the address is http; use the https address'],
      { url: 'http://127.0.0.1:1' },
    ],
    [
      'the key of another certificate',
      '{kind: mtls, certRef: "env:CERT", keyRef: "env:EXPIRED_KEY"}',
      ['4: credential.keyRef is not the key of the certificate; take the key that the certificate was made with'],
    ],
    [
      'a locked key alone',
      '{kind: mtls, certRef: "env:LOCKED", keyRef: "env:LOCKED_KEY"}',
      ['4: credential.keyRef holds a key that is locked; add passphraseRef'],
    ],
    [
      'a wrong passphrase',
      '{kind: mtls, certRef: "env:LOCKED", keyRef: "env:LOCKED_KEY", passphraseRef: "env:WRONG"}',
      ['4: credential.passphraseRef does not open the key; give it the passphrase that the key was locked with'],
    ],
    [
      'no PEM at all',
      '{kind: bearer, tokenRef: "env:SECRET", mtls: {certRef: "env:SECRET", keyRef: "env:SECRET", caRef: "env:SECRET"}}',
      [
        '4: credential.mtls.caRef holds no certificate in PEM; give it the text that begins with -----BEGIN CERTIFICATE-----',
        '4: credential.mtls.certRef holds no certificate in PEM; give it the text that begins with -----BEGIN CERTIFICATE-----',
        '4: credential.mtls.keyRef holds no private key in PEM; give it the text that begins with -----BEGIN PRIVATE KEY-----',
      ],
    ],
    [
      'a client of nobody',
      `{kind: client_credentials, ${CLIENT}}`,
      ['4: credential.issuer is missing; add the issuer of the tokens, or the tokenUrl of its token endpoint'],
    ],
    [
      'a client of two',
      `{kind: client_credentials, ${ISSUER}, tokenUrl: "https://a/t", ${CLIENT}}`,
      ['4: credential.tokenUrl stands beside issuer; keep one of them: the discovery document of an issuer names its token endpoint'],
    ],
    [
      'a token server over http',
      `{kind: client_credentials, issuer: "http://login.example/", ${CLIENT}}`,
      ['4: credential.issuer is http: the client secret and the tokens would travel in clear; use the https address'],
    ],
    [
      'a secret that is not set',
      `{kind: client_credentials, ${ISSUER}, clientId: a, clientSecretRef: "env:NO"}`,
      ['4: credential.clientSecretRef names the environment variable NO, which is not set; set NO'],
    ],
    [
      'the secret itself',
      `{kind: client_credentials, ${ISSUER}, clientId: a, clientSecret: ${MARK}}`,
      [
        '4: credential.clientSecret is not a key that exists here; did you mean clientSecretRef?',
        '4: credential.clientSecretRef is missing; add it: Where the client secret is',
      ],
    ],
    [
      'an exchange where nobody logs in',
      `{kind: token_exchange, ${ISSUER}, ${CLIENT}, resource: "https://a/"}`,
      [
        '4: credential.kind token_exchange speaks to the site in the name of the person who submits, and with auth.mode: open nobody logs in; it needs auth.mode: required; without a login use client_credentials',
      ],
    ],
    [
      'forwarding where nobody logs in',
      '{kind: forward_user, acceptRisk: true, own: {kind: bearer, tokenRef: "env:SECRET"}}',
      [
        '4: credential.kind forward_user speaks to the site in the name of the person who submits, and with auth.mode: open nobody logs in; it needs auth.mode: required; without a login use client_credentials',
      ],
    ],
    [
      'an exchange for nobody in particular',
      `{kind: token_exchange, ${ISSUER}, ${CLIENT}}`,
      [
        '4: credential.resource is missing, and so is audience: a token that is for nobody in particular would be good at other services too; name the site as the token server knows it: LS-Login takes resource, Keycloak audience',
      ],
      { mode: 'required' },
    ],
    [
      'forwarding without a word on the risk',
      '{kind: forward_user, own: {kind: bearer, tokenRef: "env:SECRET"}}',
      [
        '4: credential.acceptRisk is missing; add it: `true`: you accept that the site, and whoever gets hold of a token there, is that person wherever the token is taken',
      ],
      { mode: 'required' },
    ],
    [
      'forwarding with the risk not taken',
      '{kind: forward_user, acceptRisk: false, own: {kind: bearer, tokenRef: "env:SECRET"}}',
      [
        '4: credential.acceptRisk is not accepted; write true once you have weighed it, or use token_exchange, whose tokens are good at this site only',
      ],
      { mode: 'required' },
    ],
    [
      'forwarding with nothing for the sweeps',
      '{kind: forward_user, acceptRisk: true}',
      ['4: credential.own is missing; add it: How the broker itself logs in, to list and read tasks there'],
      { mode: 'required' },
    ],
    [
      'a certificate for the sweeps that is not there',
      `{kind: token_exchange, ${ISSUER}, ${CLIENT}, audience: a, own: {kind: mtls}}`,
      [
        '4: credential.own.kind is mtls, and the credential has no client certificate; add `mtls` to the credential, with certRef and keyRef',
      ],
      { mode: 'required' },
    ],
  ]
  it.each(mistakes)('cannot be %s', async (_name, credential, expected, where = {}) => {
    const { problems } = await load(credential, where)
    expect(problems).toEqual(expected)
    expect(problems.join()).not.toContain(MARK)
  })

  it.each([
    ['an exchange', `{kind: token_exchange, ${ISSUER}, ${CLIENT}, resource: "https://a/"}`],
    [
      'an exchange with a login of its own for the sweeps',
      `{kind: token_exchange, ${ISSUER}, ${CLIENT}, audience: a, own: {kind: basic, username: u, passwordRef: "env:SECRET"}, mtls: {${CERTIFICATE}}}`,
    ],
    ['forwarding', '{kind: forward_user, acceptRisk: true, own: {kind: bearer, tokenRef: "env:SECRET"}}'],
  ])('may be %s where people log in', async (_name, credential) => {
    expect((await load(credential, { mode: 'required' })).problems).toEqual([])
  })

  it('warns of forwarding', async () => {
    const { warnings } = await load('{kind: forward_user, acceptRisk: true, own: {kind: bearer, tokenRef: "env:SECRET"}}', {
      mode: 'required',
    })
    expect(warnings).toEqual([
      '4: credential.kind passes on the tokens of persons: the site, and whoever gets hold of one there, is that person wherever the token is taken',
    ])
  })

  it.each([
    [
      'that has expired',
      'EXPIRED',
      '4: credential.certRef holds a certificate that expired on 2026-05-20: whoever looks at it refuses the broker',
    ],
    ['that expires soon', 'ENDING', '4: credential.certRef holds a certificate that expires on 2026-06-20'],
    [
      'of the future',
      'EARLY',
      '4: credential.certRef holds a certificate that is not valid before 2026-07-01: whoever looks at it refuses the broker',
    ],
  ])('warns of a certificate %s, with the date', async (_name, which, expected) => {
    const { problems, warnings } = await load(`{kind: mtls, certRef: "env:${which}", keyRef: "env:${which}_KEY"}`)
    expect([problems, warnings]).toEqual([[], [expected]])
  })

  it('that is a certificate alone is one: the site may hold more than public data', async () => {
    const { loaded } = await load(`{kind: mtls, ${CERTIFICATE}}\nmaxSensitivity: controlled`)
    expect(loaded).toMatchObject({ sites: [{ site: { open: false, maxSensitivity: 'controlled' } }] })
  })
})

describe('a credential of a location', () => {
  it.each([
    ['a client certificate', `{kind: mtls, ${CERTIFICATE}}`, 'mtls'],
    ['client credentials', `{kind: client_credentials, ${ISSUER}, ${CLIENT}}`, 'client_credentials'],
  ])('may be %s', async (_name, credential, kind) => {
    const { loaded, problems } = await load(credential, { of: 'locations' })
    expect(problems).toEqual([])
    expect(loaded).toMatchObject({ locations: [{ credential: { kind } }] })
  })

  it('is never that of a person', async () => {
    expect((await load(`{kind: token_exchange, ${ISSUER}, ${CLIENT}, resource: "https://a/"}`, { of: 'locations' })).problems).toEqual([
      '5: credential.kind cannot be "token_exchange"; use one of s3, bearer, basic, mtls, client_credentials',
    ])
  })

  describe('of S3', () => {
    const KEYS = 'accessKeyRef: "env:ACCESS", secretKeyRef: "env:SECRET"'

    /** A broker with one location that speaks S3. */
    async function loadS3(credential: string | undefined, { endpoint = 'https://s3.example.org', more = '', keys = {} } = {}) {
      const prefixes = 'prefixes: [{url: "s3://genomes/"}]'
      const lines = ['id: a', 'country: DE', 'kind: s3', `endpoint: ${endpoint}`, prefixes, credential && `credential: ${credential}`, more]
      await mkdir(join(folder, 'locations'), { recursive: true })
      await writeFile(join(folder, 'locations/a.yaml'), lines.filter(line => line !== undefined).join('\n'))
      await writeFile(join(folder, 'portolan.yaml'), 'auth: {mode: open}\nlocationsDir: locations\n')
      const loaded = await loadConfig({
        file: 'portolan.yaml',
        env: { ...env, ACCESS: `access-${MARK}`, ...keys },
        cwd: folder,
        now: () => NOW,
      })
      const show = (line: string): string => line.replace(`${folder}/locations/a.yaml:`, '')
      return {
        loaded,
        location: loaded.kind === 'config' ? loaded.locations[0] : undefined,
        problems: (loaded.kind === 'config' ? [] : loaded.problems).map(formatProblem).map(show),
        warnings: loaded.warnings.map(formatWarning).map(show),
      }
    }

    it('is a pair of keys, which are kept as secrets, and makes links', async () => {
      const { location, problems, warnings } = await loadS3(`{kind: s3, ${KEYS}}`)
      expect([problems, warnings]).toEqual([[], []])
      const { credential } = location ?? expect.fail('no location')
      if (credential?.kind !== 's3') return expect.fail('no keys')
      expect([credential.accessKey.reveal(), credential.secretKey.reveal()]).toEqual([`access-${MARK}`, MARK])
      expect(JSON.stringify(location)).not.toContain(MARK)
      expect(location).toMatchObject({ location: { links: true }, server: { region: 'us-east-1', addressing: 'path', delivery: 'direct' } })
    })

    it.each([
      ['is missing', { ACCESS: '' }, 'names the environment variable ACCESS, which is not set; set ACCESS'],
      [
        'has a blank',
        { ACCESS: `${MARK} x` },
        'leads to a token with a character that no token has; store the token alone: printable ASCII without blanks and line breaks',
      ],
    ])('does not load where a key %s', async (_what, keys, says) => {
      const { problems } = await loadS3(`{kind: s3, ${KEYS}}`, { keys })
      expect(problems).toEqual([`6: credential.accessKeyRef ${says}`])
    })

    it.each([
      ['nothing at all', undefined, '1: credential is missing'],
      ['a token', '{kind: bearer, tokenRef: "env:SECRET"}', '6: credential.kind is bearer, and S3 takes a pair of keys'],
    ])('with %s nobody is asked', async (_what, credential, says) => {
      const { location, warnings } = await loadS3(credential)
      expect(warnings).toEqual([`${says}: nobody is asked there, sizes are assumed, and no links can be made; use kind: s3`])
      expect(location).toMatchObject({ server: { delivery: 'none' } })
      expect(location?.location).not.toHaveProperty('links')
    })

    it('over http is warned of, but on this machine', async () => {
      const credential = `{kind: s3, ${KEYS}}`
      expect((await loadS3(credential, { endpoint: 'http://s3.example.org' })).warnings).toEqual([
        '4: endpoint is http: all data, and links that open it, travel in clear',
      ])
      expect((await loadS3(credential, { endpoint: 'http://127.0.0.1:9000' })).warnings).toEqual([])
    })

    it('is needed to pass data on to people', async () => {
      const { problems } = await loadS3('{kind: bearer, tokenRef: "env:SECRET"}', { more: 'delivery: relay' })
      expect(problems).toEqual(['7: delivery is relay while there is no credential to sign requests with; add one of kind s3, or use none'])
    })
  })

  it('shows a certificate over https only', async () => {
    const { problems } = await load(`{kind: mtls, ${CERTIFICATE}}`, { of: 'locations', url: 'http://127.0.0.1:1' })
    expect(problems).toEqual(['5: credential.kind shows a client certificate, and the address is http; use the https address'])
  })
})

it('the secret of a client is kept as a secret', async () => {
  const { loaded } = await load(`{kind: client_credentials, ${ISSUER}, ${CLIENT}}`)
  const credential = loaded.kind === 'config' ? loaded.sites[0]?.credential : undefined
  expect(credential?.kind === 'client_credentials' && credential.client.clientSecret).toBeInstanceOf(Secret)
  expect(JSON.stringify(credential)).not.toContain(MARK)
})

describe('a secret in a file', () => {
  const bearerOf = async () => {
    const { loaded, warnings } = await load('{kind: bearer, tokenRef: "file:token"}')
    const credential = loaded.kind === 'config' ? loaded.sites[0]?.credential : undefined
    return { token: credential?.kind === 'bearer' ? credential.token : expect.fail('no bearer token'), warnings }
  }
  const write = async (text: string, mode = 0o600): Promise<void> => {
    await mkdir(join(folder, 'sites'), { recursive: true })
    await writeFile(join(folder, 'sites/token'), text)
    await chmod(join(folder, 'sites/token'), mode)
  }

  it('can be read again, and is kept where its file has nothing that can be sent', async () => {
    await write(`${MARK}\n`)
    const { token, warnings } = await bearerOf()
    expect([warnings, await token.renew()]).toEqual([[], false])
    for (const unusable of ['', `${MARK} 2`, `${MARK}€`]) {
      await write(unusable)
      expect([await token.renew(), token.reveal()]).toEqual([false, MARK])
    }
    await rm(join(folder, 'sites/token'))
    expect([await token.renew(), token.reveal()]).toEqual([false, MARK])
    await write(`${MARK}-2\n`)
    expect([await token.renew(), token.reveal(), await token.renew()]).toEqual([true, `${MARK}-2`, false])
  })

  it.each([
    [0o604, 'read (0604)'],
    [0o666, 'read or change (0666)'],
    [0o602, 'read or change (0602)'],
  ])('that others may open (mode %o) loads with a warning', async (mode, what) => {
    await write(MARK, mode)
    const { warnings } = await bearerOf()
    expect(warnings).toEqual([`4: credential.tokenRef names a file that others on this machine may ${what}: make it 0600`])
  })

  it('may be open to its group', async () => {
    await write(MARK, 0o640)
    expect((await bearerOf()).warnings).toEqual([])
  })
})
