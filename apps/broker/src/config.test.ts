import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { type Config, formatProblem, formatReport, formatWarning, loadConfig } from './config.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-config-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}

/** Every mistake as the operator reads it, without the folder. */
async function problemsOf(main: string, files: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  await write({ 'portolan.yaml': main, ...files })
  const loaded = await loadConfig({ file: 'portolan.yaml', env, cwd: folder })
  return loaded.kind === 'config' ? [] : loaded.problems.map(one => formatProblem(one).replaceAll(`${folder}/`, ''))
}

async function load(main: string, files: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}): Promise<Config> {
  await write({ 'portolan.yaml': main, ...files })
  const loaded = await loadConfig({ file: 'portolan.yaml', env, cwd: folder })
  if (loaded.kind === 'problems') throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded
}

const HIDDEN = makeSecret('hunter2')
const OPEN = 'auth: {mode: open}\n'
const SITE = 'id: charite\nurl: https://tes.example.org/ga4gh/tes/v1\nplace: {country: DE}\n'
const LOCATION = 'id: charite-s3\ncountry: DE\nkind: s3\nprefixes: [{url: "s3://charite-genomes/"}]\nendpoint: https://s3.example.org\n'

describe('without a file', () => {
  it('works on a laptop: SQLite in ./data, loopback, open, no sites', async () => {
    expect(await loadConfig({ env: {}, cwd: folder })).toEqual({
      kind: 'config',
      server: {
        host: '127.0.0.1',
        port: 8080,
        publicUrl: undefined,
        trustProxy: false,
        roles: ['api', 'reconciler'],
        corsOrigins: [],
        metricsFrom: ['127.0.0.0/8', '::1'],
      },
      limits: {
        bodyBytes: 16_777_216,
        contentBytes: 1_048_576,
        inputs: 20_000,
        tags: 128,
        bodies: { personBytes: 67_108_864, allBytes: 268_435_456, keptBytes: 16_777_216 },
        rates: {
          person: {
            create: { burst: 100_000, perSecond: 100 },
            login: { burst: 20, perSecond: 1 / 3 },
            code: { burst: 10, perSecond: 1 / 6 },
            failure: { burst: 10, perSecond: 1 / 6 },
            token: { burst: 20, perSecond: 1 / 3 },
            poll: { burst: 10_000, perSecond: 2_000 },
          },
          address: {
            create: { burst: 400_000, perSecond: 400 },
            login: { burst: 300, perSecond: 5 },
            code: { burst: 10, perSecond: 1 / 6 },
            failure: { burst: 10, perSecond: 1 / 6 },
            token: { burst: 300, perSecond: 5 },
            poll: { burst: 50_000, perSecond: 10_000 },
          },
        },
        live: { person: { tokens: 100, devices: 50, sessions: 20 }, begun: { logins: 10_000, devices: 10_000 } },
      },
      tracking: {
        sweepMs: 30_000,
        settleMs: 60_000,
        siteTimeoutMs: 30_000,
        staleAfterMs: 120_000,
        lostAfterMs: 3_600_000,
        maxRetries: 3,
        measureMs: 10_000,
      },
      store: { kind: 'sqlite', path: join(folder, 'data/portolan.db') },
      bus: { kind: 'memory' },
      keys: { dir: join(folder, 'data/keys') },
      auth: {
        mode: 'open',
        tokens: { accessMs: 900_000, refreshMs: 2_592_000_000, personalMs: 7_776_000_000, personalMostMs: 31_536_000_000 },
        claimsMaxAgeMs: 86_400_000,
        issuers: [],
        admins: [],
      },
      sites: [],
      locations: [],
      projects: [{ project: { id: 'local' }, name: 'Local', members: [], reviewers: [], visibility: 'owner', file: 'defaults' }],
      warnings: [],
    })
  })

  it('needs no kind of store or bus', async () => {
    const config = await load(`${OPEN}store: {path: ./x.db}\nbus: {}\n`)
    expect(config).toMatchObject({ store: { kind: 'sqlite', path: join(folder, 'x.db') }, bus: { kind: 'memory' } })
  })

  it('lets personal tokens live no longer than they may, whatever is usual', async () => {
    const { auth } = await load('auth: {mode: open, tokens: {personalMaxDays: 30}}\n')
    expect(auth.tokens).toMatchObject({ personalMs: 30 * 86_400_000, personalMostMs: 30 * 86_400_000 })
  })

  it('takes single values from the environment', async () => {
    const env = {
      PORTOLAN_SERVER_PORT: '0',
      PORTOLAN_SERVER_ROLES: 'api',
      PORTOLAN_TRACKING_SWEEP_SECONDS: '1.5',
      PORTOLAN_STORE_PATH: '/x.db',
    }
    expect(await loadConfig({ env, cwd: folder })).toMatchObject({
      server: { port: 0, roles: ['api'] },
      tracking: { sweepMs: 1500 },
      store: { path: '/x.db' },
    })
  })
})

describe('mistakes of the main file', () => {
  const rows: readonly [string, string, string[]][] = [
    ['a slip in a key', `${OPEN}sevrer: {}\n`, ['portolan.yaml:2: sevrer is not a key that exists here; did you mean server?']],
    [
      'a slip in a nested key',
      `${OPEN}server:\n  prot: 1\n`,
      ['portolan.yaml:3: server.prot is not a key that exists here; did you mean port?'],
    ],
    [
      'a key that is like no other',
      `${OPEN}keys: {zzzzzz: 1}\n`,
      ['portolan.yaml:2: keys.zzzzzz is not a key that exists here; remove it; the keys here are dir'],
    ],
    ['a wrong type', `${OPEN}limits: {inputs: many}\n`, ['portolan.yaml:2: limits.inputs must be a number, not text; write a number']],
    [
      'a fraction',
      `${OPEN}limits: {inputs: 1.5}\n`,
      ['portolan.yaml:2: limits.inputs must be a whole number, not a number with a fraction; write a whole number'],
    ],
    ['an empty section', `${OPEN}limits:\n`, ['portolan.yaml:2: limits is empty; fill it in, or leave the key out']],
    ['a port too high', `${OPEN}server: {port: 70000}\n`, ['portolan.yaml:2: server.port is too large: at most 65535; lower it']],
    [
      'amounts that nobody has',
      `${OPEN}limits: {inputs: 1.0e+9, tags: 20000, contentKiB: 1.0e+300}\ntracking: {sweepSeconds: 1.0e+300}\n`,
      [
        'portolan.yaml:2: limits.contentKiB is too large: at most 262144; lower it',
        'portolan.yaml:2: limits.inputs is too large: at most 1000000; lower it',
        'portolan.yaml:2: limits.tags is too large: at most 10000; lower it',
        'portolan.yaml:3: tracking.sweepSeconds is too large: at most 2000000; lower it',
      ],
    ],
    [
      'limits that limit nothing, nobody, or not enough',
      `${OPEN}limits:\n  rates:\n    person: {creates: {atOnce: 0}, poll: {}}\n    address: {failures: {atOnce: 5000, perMinute: 1}}\n`,
      [
        'portolan.yaml:4: limits.rates.person.creates.atOnce is too small: at least 1; raise it',
        'portolan.yaml:4: limits.rates.person.poll is not a key that exists here; did you mean polls?',
        'portolan.yaml:5: limits.rates.address.failures.atOnce is too large: at most 1000; lower it',
      ],
    ],
    [
      'numbers that are none',
      `${OPEN}tracking: {sweepSeconds: .nan, settleSeconds: .inf}\n`,
      [
        'portolan.yaml:2: tracking.settleSeconds must be a number, not an endless number (.inf); write a number',
        'portolan.yaml:2: tracking.sweepSeconds must be a number, not what is no number (.nan); write a number',
      ],
    ],
    [
      'an empty text and an empty list',
      `${OPEN}keys: {dir: ""}\nserver: {roles: []}\n`,
      [
        'portolan.yaml:2: keys.dir is an empty text; fill it in',
        'portolan.yaml:3: server.roles has too few entries: at least 1; add what is missing',
      ],
    ],
    [
      'a login without a name',
      'auth: {mode: open, issuers: [{issuer: "https://login.example"}]}\n',
      ['portolan.yaml:1: auth.issuers[0].clientId is missing; add it: The name of the broker at this login'],
    ],
    [
      'a store without its address',
      `${OPEN}bus: {kind: redis}\n`,
      [
        'portolan.yaml:2: bus.kind redis is not yet supported; use kind: memory',
        'portolan.yaml:2: bus.urlRef is missing; add it: Where the connection URL is',
      ],
    ],
    [
      'nothing',
      '',
      [
        'portolan.yaml:1: auth.mode is required (the default), but auth.issuers names no login, and the broker never falls back to letting everybody in; add a login to auth.issuers; for work on one machine write auth: {mode: open} with a loopback server.host',
      ],
    ],
    ['an unknown kind', `${OPEN}store: {kind: sqlit}\n`, ['portolan.yaml:2: store.kind cannot be "sqlit"; did you mean sqlite?']],
    [
      'a key of another kind',
      `${OPEN}store: {kind: sqlite, urlRef: "env:X"}\n`,
      ['portolan.yaml:2: store.urlRef is not a key that exists here; remove it; the keys here are kind, path'],
    ],
    [
      'a store that does not exist yet',
      `${OPEN}store: {kind: postgres, urlRef: "env:X"}\n`,
      ['portolan.yaml:2: store.kind postgres is not yet supported; use kind: sqlite'],
    ],
    [
      'a bus that does not exist yet',
      `${OPEN}bus: {kind: redis, urlRef: "env:X"}\n`,
      ['portolan.yaml:2: bus.kind redis is not yet supported; use kind: memory'],
    ],
    [
      'no word on logins',
      'server: {port: 1}\n',
      [
        'portolan.yaml:1: auth.mode is required (the default), but auth.issuers names no login, and the broker never falls back to letting everybody in; add a login to auth.issuers; for work on one machine write auth: {mode: open} with a loopback server.host',
      ],
    ],
    [
      'open on the network',
      `${OPEN}server: {host: 0.0.0.0}\n`,
      [
        'portolan.yaml:1: auth.mode is open while server.host is 0.0.0.0: everybody on the network could run commands; set server.host to 127.0.0.1',
      ],
    ],
    [
      'a proxy by its name',
      `${OPEN}server: {trustProxy: [10.0.0.0/8, proxy.example.org]}\n`,
      [
        'portolan.yaml:2: server.trustProxy[1] is neither an address nor a network; write it as 10.0.0.1 or 10.0.0.0/8; names are not looked up',
      ],
    ],
    [
      'personal tokens that usually live longer than they may',
      'auth: {mode: open, tokens: {personalDays: 90, personalMaxDays: 30}}\n',
      ['portolan.yaml:1: auth.tokens.personalDays is 90, more than auth.tokens.personalMaxDays, which is 30; set it to 30 or less'],
    ],
    [
      'an access token that lives too long',
      'auth: {mode: open, tokens: {accessMinutes: 61}}\n',
      ['portolan.yaml:1: auth.tokens.accessMinutes is too large: at most 60; lower it'],
    ],
    [
      'a key that stands twice',
      'auth: {mode: open}\nauth: {mode: open}\n',
      ['portolan.yaml:2 is not good YAML: Map keys must be unique; correct the text there'],
    ],
    ['a list as a file', '- 1\n', ['portolan.yaml:1 must be a section with keys, not a list; write a section with keys']],
    [
      'a folder that is not there',
      `${OPEN}sitesDir: ./none\n`,
      ['portolan.yaml:2: sitesDir names the folder none, which cannot be read (ENOENT); create it, or leave the key out'],
    ],
    [
      'an origin with a path',
      `${OPEN}server: {corsOrigins: ["https://a.example/x"]}\n`,
      ['portolan.yaml:2: server.corsOrigins[0] is not an origin; write scheme, host and port only, such as https://portal.example.org'],
    ],
  ]
  it.each(rows)('%s', async (_name, main, expected) => {
    expect(await problemsOf(main)).toEqual(expected)
  })

  it('is told of a file that is not there', async () => {
    const loaded = await loadConfig({ file: 'none.yaml', env: {}, cwd: folder })
    expect(loaded).toMatchObject({ kind: 'problems', problems: [{ file: join(folder, 'none.yaml'), message: 'cannot be read (ENOENT)' }] })
  })

  it('names the variable where the environment is wrong', async () => {
    expect(await problemsOf(OPEN, {}, { PORTOLAN_SERVER_PORT: 'eighty', PORTOLAN_SERVER_PROT: '1' })).toEqual([
      'environment: PORTOLAN_SERVER_PORT must be a number, not text; write a number',
      'environment: PORTOLAN_SERVER_PROT sets nothing; did you mean PORTOLAN_SERVER_PORT?',
    ])
  })
})

describe('mistakes of sites, locations and projects', () => {
  const main = `${OPEN}sitesDir: sites\nlocationsDir: locations\nprojectsDir: projects\n`
  const whole = { 'sites/charite.yaml': SITE, 'locations/charite-s3.yaml': LOCATION, 'projects/p.yaml': 'id: p\n' }
  const rows: readonly [string, Record<string, string>, string[]][] = [
    ['nothing wrong', {}, []],
    [
      'a site without address and country',
      { 'sites/charite.yaml': 'id: charite\nplace: {}\n' },
      [
        'sites/charite.yaml:1: url is missing; add it: Base address of its API, without `/tasks`',
        'sites/charite.yaml:2: place.country is missing; add it: Country whose law holds there (ISO 3166-1)',
      ],
    ],
    ['a file with nothing in it', { 'sites/charite.yaml': '# to come\n' }, ['sites/charite.yaml:1 is empty; fill it in, or remove it']],
    [
      'a location without prefixes',
      { 'locations/charite-s3.yaml': 'id: charite-s3\ncountry: DE\nkind: s3\nprefixes: []\nendpoint: https://s3.example.org\n' },
      ['locations/charite-s3.yaml:4: prefixes has too few entries: at least 1; add what is missing'],
    ],
    [
      'words of which one must be chosen',
      { 'sites/charite.yaml': `${SITE}credential: {username: u}\n`, 'locations/charite-s3.yaml': LOCATION.replace('kind: s3\n', '') },
      [
        'locations/charite-s3.yaml:1: kind is missing; add it: one of s3, http, drs, posix',
        'sites/charite.yaml:4: credential.kind is missing; add it: one of basic, bearer, mtls, client_credentials, token_exchange, forward_user',
      ],
    ],
    [
      'a country that is none',
      { 'sites/charite.yaml': SITE.replace('DE', 'UK') },
      ['sites/charite.yaml:3: place.country is not a country code; write GB for the United Kingdom'],
    ],
    [
      'an id with capitals',
      { 'sites/charite.yaml': SITE.replace('charite', 'Charite') },
      [
        'sites/charite.yaml:1: id is not a legal id; use 1 to 63 lower-case letters, digits, dots, dashes or underscores, the first a letter or digit',
      ],
    ],
    [
      'a login in the address',
      { 'sites/charite.yaml': SITE.replace('https://', `https://u:${HIDDEN}@`) },
      [
        'sites/charite.yaml:2: url is not an http or https URL; write it whole, such as https://host/path, without user name, query or fragment; a login goes into `credential`',
      ],
    ],
    [
      'an id twice',
      { 'sites/x.yaml': SITE },
      ['sites/x.yaml:1: id "charite" is already the id of another site (sites/charite.yaml); choose another id'],
    ],
    [
      'a location that nobody knows',
      { 'sites/charite.yaml': `${SITE}holds: [charite-s4]\n` },
      ['sites/charite.yaml:4: holds[0] names the location "charite-s4", which does not exist; did you mean charite-s3?'],
    ],
    [
      'a link from a location that nobody knows',
      { 'sites/charite.yaml': `${SITE}network: {from: {moon: 4}}\n` },
      ['sites/charite.yaml:4: network.from.moon names the location "moon", which does not exist; the locations are charite-s3'],
    ],
    [
      'a project that nobody knows',
      { 'sites/charite.yaml': `${SITE}policy: {projects: [q]}\n` },
      ['sites/charite.yaml:4: policy.projects[0] names the project "q", which does not exist; did you mean p?'],
    ],
    [
      'sensitive data at an open site',
      { 'sites/charite.yaml': `${SITE}maxSensitivity: controlled\n` },
      [
        'sites/charite.yaml:4: maxSensitivity is controlled while there is no credential: a site without one is open and never gets more than public data; add a credential, or set maxSensitivity: public',
      ],
    ],
    [
      'a word of sensitivity that is none',
      { 'sites/charite.yaml': `${SITE}maxSensitivity: pseudonymized\n` },
      ['sites/charite.yaml:4: maxSensitivity cannot be "pseudonymized"; did you mean pseudonymised?'],
    ],
    [
      'a dialect that is not there yet',
      { 'sites/charite.yaml': `${SITE}dialect: tesk\n` },
      ['sites/charite.yaml:4: dialect tesk is not yet supported; use auto or tes-1.1'],
    ],
    [
      'an API that is not there yet',
      { 'sites/charite.yaml': `${SITE}api: wes\n` },
      ['sites/charite.yaml:4: api wes is not yet supported; remove the site, or use its TES server'],
    ],
    [
      'a password in the file',
      { 'sites/charite.yaml': `${SITE}credential: {kind: basic, username: u, password: ${HIDDEN}}\n` },
      [
        'sites/charite.yaml:4: credential.password is not a key that exists here; did you mean passwordRef?',
        'sites/charite.yaml:4: credential.passwordRef is missing; add it: Where the password is',
      ],
    ],
    [
      'a secret where its reference belongs',
      { 'sites/charite.yaml': `${SITE}credential: {kind: bearer, tokenRef: ${HIDDEN}}\n` },
      [
        'sites/charite.yaml:4: credential.tokenRef is not a reference to a secret; write env:NAME for an environment variable or file:PATH for a file; never the secret itself',
      ],
    ],
    [
      'a variable that is not set',
      { 'sites/charite.yaml': `${SITE}credential: {kind: bearer, tokenRef: "env:NO"}\n` },
      ['sites/charite.yaml:4: credential.tokenRef names the environment variable NO, which is not set; set NO'],
    ],
    [
      'a secret file that is not there',
      { 'sites/charite.yaml': `${SITE}credential: {kind: bearer, tokenRef: "file:none"}\n` },
      [
        'sites/charite.yaml:4: credential.tokenRef names the file sites/none, which cannot be read (ENOENT); create it, readable for the broker alone',
      ],
    ],
    [
      'rules without a site',
      { 'sites/other.cedar': '' },
      ['sites/other.cedar has no YAML file of the same name beside it; rename it after its site, or remove it'],
    ],
    [
      'a file system as a location',
      { 'locations/charite-s3.yaml': LOCATION.replace('kind: s3', 'kind: posix') },
      ['locations/charite-s3.yaml:3: kind posix is not supported; serve the folder by s3 or http, and name it in pathMaps there'],
    ],
    [
      'the same prefix twice',
      { 'locations/z.yaml': LOCATION.replace('charite-s3', 'z').replace('genomes/', 'genomes') },
      ['locations/z.yaml:4: prefixes[0].url is already declared by the location "charite-s3"; declare it once, with all its rules'],
    ],
    [
      'a prefix with dots',
      { 'locations/charite-s3.yaml': LOCATION.replace('s3://charite-genomes/', 'https://h.example/a/../b/') },
      [
        'locations/charite-s3.yaml:4: prefixes[0].url is not a well-formed URL prefix; write scheme, host or bucket and a path, such as s3://bucket/folder/ or https://host/folder/, without user name, query, fragment, dot segments or semicolons',
      ],
    ],
    [
      'a bucket and its own https address in two places',
      {
        'locations/charite-s3.yaml': LOCATION,
        'locations/web.yaml': 'id: web\ncountry: DE\nkind: http\nprefixes: [{url: "http://s3.example.org/charite-genomes/"}]\n',
      },
      ['locations/web.yaml:4: prefixes[0].url is already declared by the location "charite-s3"; declare it once, with all its rules'],
    ],
    [
      'a bucket that is declared by its https address',
      { 'locations/charite-s3.yaml': LOCATION.replace('s3://charite-genomes/', 'https://s3.example.org/charite-genomes/') },
      [
        'locations/charite-s3.yaml:4: prefixes[0].url is an http or https URL while the location is s3; write s3://bucket/folder/ and name the server as endpoint: its https addresses then count too',
      ],
    ],
    [
      'a bucket without the server that it is at',
      { 'locations/charite-s3.yaml': LOCATION.replace('endpoint: https://s3.example.org\n', '') },
      [
        'locations/charite-s3.yaml:1: endpoint is missing while the location is s3: a task could name the data by an https address that no rule is about; name the server, such as https://s3.example.org, or https://s3.REGION.amazonaws.com at AWS',
      ],
    ],
    [
      'a bucket at AWS, nobody says in which region',
      { 'locations/charite-s3.yaml': LOCATION.replace('s3.example.org', 's3.amazonaws.com') },
      [
        'locations/charite-s3.yaml:5: endpoint is no S3 server of one AWS region: s3.amazonaws.com; write https://s3.REGION.amazonaws.com, without port or path: the addresses that its buckets have at AWS then count too',
      ],
    ],
    [
      'a bucket at AWS with its name in the endpoint',
      { 'locations/charite-s3.yaml': LOCATION.replace('s3.example.org', 'charite-genomes.s3.eu-central-1.amazonaws.com') },
      [
        'locations/charite-s3.yaml:5: endpoint is no S3 server of one AWS region: charite-genomes.s3.eu-central-1.amazonaws.com; write https://s3.REGION.amazonaws.com, without port or path: the addresses that its buckets have at AWS then count too',
      ],
    ],
    [
      'a bucket at AWS under another of its addresses',
      {
        'locations/charite-s3.yaml': LOCATION.replace('s3.example.org', 's3.eu-central-1.amazonaws.com'),
        'locations/web.yaml':
          'id: web\ncountry: DE\nkind: http\nprefixes: [{url: "https://charite-genomes.s3.dualstack.eu-central-1.amazonaws.com/"}]\n',
      },
      [
        'locations/web.yaml:4: prefixes[0].url is in a bucket at AWS while the location is http: no rule would be about its s3 URL; use kind: s3, endpoint: https://s3.REGION.amazonaws.com and the URL s3://bucket/folder/',
        'locations/web.yaml:4: prefixes[0].url is already declared by the location "charite-s3"; declare it once, with all its rules',
      ],
    ],
    [
      'a bucket at AWS with a port',
      { 'locations/charite-s3.yaml': LOCATION.replace('s3.example.org', 's3.eu-central-1.amazonaws.com:8443') },
      [
        'locations/charite-s3.yaml:5: endpoint is no S3 server of one AWS region: s3.eu-central-1.amazonaws.com:8443; write https://s3.REGION.amazonaws.com, without port or path: the addresses that its buckets have at AWS then count too',
      ],
    ],
    [
      'a bucket at AWS with a path',
      { 'locations/charite-s3.yaml': LOCATION.replace('s3.example.org', 's3.eu-central-1.amazonaws.com/base') },
      [
        'locations/charite-s3.yaml:5: endpoint is no S3 server of one AWS region: s3.eu-central-1.amazonaws.com/base; write https://s3.REGION.amazonaws.com, without port or path: the addresses that its buckets have at AWS then count too',
      ],
    ],
    ...['s3.example.org.', 's3.example.org/a//b', 's3.example.org/a;b', 'ü.example.org'].map(
      (host): [string, Record<string, string>, string[]] => [
        `an endpoint that placement cannot read: ${host}`,
        { 'locations/charite-s3.yaml': LOCATION.replace('s3.example.org', host) },
        [
          'locations/charite-s3.yaml:5: endpoint can be read in more than one way; write the host in ASCII without a dot at its end, an address in its usual form, and a path without //, dot segments or semicolons',
        ],
      ],
    ),
    [
      'a site whose host ends in a dot',
      { 'sites/charite.yaml': SITE.replace('tes.example.org', 'tes.example.org.') },
      [
        'sites/charite.yaml:2: url can be read in more than one way; write the host in ASCII without a dot at its end, an address in its usual form, and a path without //, dot segments or semicolons',
      ],
    ],
    [
      'an endpoint that is no address: one message',
      { 'locations/charite-s3.yaml': LOCATION.replace('https://s3.example.org', 's3.example.org') },
      [
        'locations/charite-s3.yaml:5: endpoint is not an http or https URL; write it whole, such as https://host/path, without user name, query or fragment; a login goes into `credential`',
      ],
    ],
    [
      'a bucket at an http location',
      { 'locations/charite-s3.yaml': LOCATION.replace('kind: s3', 'kind: http') },
      [
        'locations/charite-s3.yaml:4: prefixes[0].url is no http or https URL while the location is http; write the URL that the data is served at',
      ],
    ],
    [
      'two servers in one location',
      {
        'locations/charite-s3.yaml':
          'id: charite-s3\ncountry: DE\nkind: http\nprefixes: [{url: "https://a.example/"}, {url: "https://b.example/"}]\n',
      },
      [
        'locations/charite-s3.yaml:4: prefixes[1].url lies at https://b.example while the location is at https://a.example; declare a location of its own for that server',
      ],
    ],
    [
      'a site that cannot read since it is none',
      { 'locations/charite-s3.yaml': `${LOCATION}readableFrom: [bielefeld]\n` },
      ['locations/charite-s3.yaml:6: readableFrom[0] names the site "bielefeld", which does not exist; the sites are charite'],
    ],
    [
      'lists of what is admitted that are empty',
      {
        'sites/charite.yaml': `${SITE}policy:\n  projects: []\n  images: {allow: []}\n  outputs: {allow: []}\n`,
        'locations/charite-s3.yaml': `${LOCATION.replace('"}]', '", residency: []}]')}readableFrom: []\n`,
        'projects/p.yaml': 'id: p\nsites: []\n',
      },
      [
        'locations/charite-s3.yaml:4: prefixes[0].residency is an empty list, which admits nothing; leave the key out to let it be computed everywhere, or name one country',
        'locations/charite-s3.yaml:6: readableFrom is an empty list, which admits nothing; leave the key out if every site can read it, or name one site',
        'projects/p.yaml:2: sites is an empty list, which admits nothing; leave the key out to let it use every site that admits it, name one, or write frozen: true to start nothing',
        'sites/charite.yaml:5: policy.projects is an empty list, which admits nothing; leave the key out to admit every project, name one, or write draining: true to take nothing new',
        'sites/charite.yaml:6: policy.images.allow is an empty list, which admits nothing; leave the key out to allow every image, or name one pattern',
        'sites/charite.yaml:7: policy.outputs.allow is an empty list, which admits nothing; leave `outputs` out to let results go everywhere, or name one URL prefix',
      ],
    ],
    [
      'lists of rules that nobody can decide yet may be empty, and are no rule',
      {
        'sites/charite.yaml': `${SITE}policy: {groups: [], countries: [], affiliations: [], terms: [], visas: [], images: {base: []}}\n`,
        'locations/charite-s3.yaml': LOCATION.replace('"}]', '", groups: [], visas: []}]'),
        'projects/p.yaml': 'id: p\nmembers: []\nreviewers: []\n',
      },
      [],
    ],
    [
      'a project at no site',
      { 'projects/p.yaml': 'id: p\nsites: [surf]\n' },
      ['projects/p.yaml:2: sites[0] names the site "surf", which does not exist; the sites are charite'],
    ],
    [
      'members that nobody could be',
      {
        'projects/p.yaml':
          'id: p\nmembers: [ada@example.org, "kc:/lab", "urn:geant:example.org:group:lab", "a@b@https://login.example.org/", "lab:x and its subgroups"]\nreviewers: [lab]\n',
      },
      [
        'projects/p.yaml:2: members[0] is neither sub@iss, nor an entitlement, nor a group under the groupPrefix of a login: ada@example.org; write sub@https://the.login/, or the whole entitlement with its authority: urn:geant:example.org:group:lab#aai.example.org',
        'projects/p.yaml:2: members[1] is neither sub@iss, nor an entitlement, nor a group under the groupPrefix of a login: kc:/lab; write sub@https://the.login/, or the whole entitlement with its authority: urn:geant:example.org:group:lab#aai.example.org',
        'projects/p.yaml:2: members[2] means nobody: It names no authority: add # and the authority that must say so, such as #aai.lifescience-ri.eu (urn:geant:example.org:group:lab); write sub@https://the.login/, or the whole entitlement with its authority: urn:geant:example.org:group:lab#aai.example.org',
        'projects/p.yaml:2: members[4] means nobody: Only of an entitlement (urn:…) can the subgroups be meant: name each group of a login (lab:x and its subgroups); write sub@https://the.login/, or the whole entitlement with its authority: urn:geant:example.org:group:lab#aai.example.org',
        'projects/p.yaml:3: reviewers[0] is neither sub@iss, nor an entitlement, nor a group under the groupPrefix of a login: lab; write sub@https://the.login/, or the whole entitlement with its authority: urn:geant:example.org:group:lab#aai.example.org',
      ],
    ],
    [
      'a day that is none',
      { 'projects/p.yaml': 'id: p\nuntil: soon\n' },
      ['projects/p.yaml:2: until is not a day; write it as 2027-12-31'],
    ],
    [
      'a day that is another one',
      { 'projects/p.yaml': 'id: p\nuntil: 2027-02-31\n' },
      ['projects/p.yaml:2: until is not a day; write it as 2027-12-31'],
    ],
  ]
  it.each(rows)('%s', async (_name, files, expected) => {
    expect(await problemsOf(main, { ...whole, ...files })).toEqual(expected)
  })

  it('come together, from every file at once', async () => {
    const files = {
      'sites/charite.yaml': `${SITE}drainign: true\n`,
      'locations/charite-s3.yaml': LOCATION.replace('DE', 'XX'),
      'projects/p.yaml': '{',
    }
    expect((await problemsOf(`${main}bus: {kind: carrier-pigeon}\n`, files)).map(line => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'locations/charite-s3.yaml:2: country',
      'portolan.yaml:5: bus.kind',
      'projects/p.yaml:1 is',
      'sites/charite.yaml:4: drainign',
    ])
  })

  it('of shape and of meaning come together, of one file too, by file and line, and one for each place', async () => {
    const text = [
      'auth: {mode: open}',
      'server: {host: 0.0.0.0, prot: 1}',
      'store: {kind: postgres}',
      'bus: {kind: redis, urlRef: "env:R"}',
      'sites:',
      '  - id: a',
      '    url: 5',
      '    api: wes',
      '    dialect: tesk',
      '    holds: [nowhere, Somewhere]',
      '    network: {from: {moon: 4}, speed: 1}',
      '    credential: {kind: bearer, tokenRef: "env:NO"}',
      '    policy: {projects: [ghost], imgaes: {}}',
      'locations:',
      '  - {id: l, country: XX, kind: http, readableFrom: [b], prefixes: [{url: "https://a.example/"}, {url: "s3://b/"}]}',
      '  - {id: m, kind: posix, prefixes: [{url: "https://a.example/"}]}',
      'projects:',
      '  - {id: p, sites: [b], until: soon}',
      '',
    ].join('\n')
    const places = (await problemsOf(text)).map(line => line.replace('portolan.yaml:', '').split(/ (?:is|must|names|cannot|lies)\b/)[0])
    expect(places).toEqual([
      '1: auth.mode',
      '2: server.prot',
      '3: store.kind postgres',
      '3: store.urlRef',
      '4: bus.kind redis',
      '6: sites[0].place',
      '7: sites[0].url',
      '8: sites[0].api wes',
      '9: sites[0].dialect tesk',
      '10: sites[0].holds[0]',
      '10: sites[0].holds[1]',
      '11: sites[0].network.from.moon',
      '11: sites[0].network.speed',
      '12: sites[0].credential.tokenRef',
      '13: sites[0].policy.imgaes',
      '13: sites[0].policy.projects[0]',
      '15: locations[0].country',
      '15: locations[0].prefixes[1].url',
      '15: locations[0].readableFrom[0]',
      '16: locations[1].country',
      '16: locations[1].kind posix',
      '16: locations[1].prefixes[0].url',
      '18: projects[0].sites[0]',
      '18: projects[0].until',
    ])
  })

  it('do not blame those who name a file that cannot be read', async () => {
    const files = { 'sites/charite.yaml': `${SITE}policy: {projects: [p]}\n`, 'projects/p.yaml': '{' }
    expect((await problemsOf(main, { ...whole, ...files })).map(line => line.split(' ')[0])).toEqual(['projects/p.yaml:1'])
  })

  it('in an inline list name the entry', async () => {
    const inline = `${OPEN}sites:\n  - {id: a, url: "https://a.example", place: {country: DE}}\n  - {id: b, url: 5, place: {country: DE}}\n`
    expect(await problemsOf(inline)).toEqual(['portolan.yaml:4: sites[1].url must be text, not a whole number; write text'])
  })
})

describe('the report for the operator', () => {
  it('has the warnings first, and set apart from them the mistakes', async () => {
    await write({ 'portolan.yaml': `${OPEN}server: {prot: 1}\nprojects: [{id: p, quota: {cpuHours: 5}}]\n` })
    const loaded = await loadConfig({ file: 'portolan.yaml', env: {}, cwd: folder })
    if (loaded.kind !== 'problems') throw new Error('It loads')
    expect(formatReport(loaded.problems, loaded.warnings).replaceAll(`${folder}/`, '')).toBe(
      'warning: portolan.yaml:3: projects[0].quota.cpuHours is declared, not yet supported: every task of the project waits\n\n' +
        '1 mistake; the broker does not start with it:\nportolan.yaml:2: server.prot is not a key that exists here; did you mean port?\n',
    )
  })
})

describe('a good configuration', () => {
  it('is turned into the words and units of the federation', async () => {
    const site =
      'id: charite\nname: Charité SPE\nurl: https://spe.example.org/ga4gh/tes/v1/\ncredential: {kind: basic, username: portolan, passwordRef: "file:secret"}\n' +
      'place: {country: DE, city: Berlin, lat: 52.53, lon: 13.38}\ncapacity: {cpuCores: 64, ramGb: 512, diskGb: 0.5, maxRunHours: 72}\n' +
      'network: {defaultMbps: 1000, from: {store: 400}}\nlimits: {requestsPerSecond: 2, maxIdleTasks: 7, maxDocumentKiB: 256}\nholds: [store]\nmaxSensitivity: controlled\n' +
      'tracking: {sweepSeconds: 2}\npolicy: {projects: [spe4hd], images: {allow: ["quay.io/*"], digest: required}, outputs: {allow: ["https://data.example.org/out/"]}}\n'
    const location =
      'id: store\ncountry: DE\nkind: http\ncredential: {kind: bearer, tokenRef: "env:STORE_TOKEN"}\nreadableFrom: [charite]\nprefixes:\n' +
      '  - {url: "https://data.example.org/genomes/", sensitivity: controlled, residency: [DE]}\n  - {url: "https://data.example.org/out/", outputs: true}\n  - {url: "https://data.example.org/free/", sensitivity: public}\n'
    const project =
      'id: spe4hd\nname: Health\nmembers: [a@https://login.example.org/]\nsites: [charite]\nresults: "https://data.example.org/out/spe/"\nvisibility: project\nuntil: 2027-12-31\n'
    const config = await load(
      `${OPEN}sitesDir: s\nlocationsDir: l\nprojectsDir: p\n`,
      { 's/a.yml': site, 's/secret': `${HIDDEN}\n`, 'l/a.yaml': location, 'p/a.yaml': project },
      { STORE_TOKEN: HIDDEN },
    )
    expect(config.sites).toMatchObject([
      {
        url: 'https://spe.example.org/ga4gh/tes/v1',
        dialect: 'auto',
        credential: { kind: 'basic', username: 'portolan' },
        coordinates: { lat: 52.53, lon: 13.38 },
        site: {
          id: 'charite',
          name: 'Charité SPE',
          api: 'tes',
          open: false,
          place: { country: 'DE', city: 'Berlin' },
          capacity: { cpuCores: 64, ramBytes: 512_000_000_000, diskBytes: 500_000_000, maxRunMs: 259_200_000 },
          network: { defaultMbps: 1000, from: { store: 400 } },
          limits: { requestsPerSecond: 2, maxIdleTasks: 7, maxDocumentBytes: 262_144 },
          holds: ['store'],
          maxSensitivity: 'controlled',
          policy: {
            projects: ['spe4hd'],
            images: { allow: ['quay.io/*'], digest: 'required' },
            outputs: { allow: ['https://data.example.org/out/'] },
          },
          draining: false,
          tracking: { sweepMs: 2000, settleMs: 60_000, maxRetries: 3 },
        },
      },
    ])
    expect(config.locations).toMatchObject([
      {
        origin: 'https://data.example.org',
        location: {
          id: 'store',
          country: 'DE',
          kind: 'http',
          readableFrom: ['charite'],
          prefixes: [
            { url: 'https://data.example.org/genomes/', sensitivity: 'controlled', access: 'compute', residency: ['DE'] },
            { url: 'https://data.example.org/out/', sensitivity: 'anonymised', access: 'share', outputs: true },
            { url: 'https://data.example.org/free/', sensitivity: 'public', access: 'share' },
          ],
        },
      },
    ])
    expect(config.projects.map(({ project }) => project)).toEqual([
      { id: 'spe4hd', owns: ['https://data.example.org/out/spe/'], sites: ['charite'], untilMs: Date.UTC(2028, 0, 1) },
      { id: 'local' },
    ])
    const [credential] = config.sites.map(one => one.credential)
    expect(credential?.kind === 'basic' && credential.password.reveal()).toBe(HIDDEN)
    for (const shown of [
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      `${config.locations[0]?.credential?.kind}`,
    ]) {
      expect(shown).not.toContain(HIDDEN)
    }
  })

  it.each([
    [
      'https://s3.example.org',
      ['https://s3.example.org/Genomes/de/', 'https://s3.example.org/genomes/de/', 'https://genomes.s3.example.org/de/'],
    ],
    [
      'http://s3.example.org:9000/base/',
      [
        'http://s3.example.org:9000/base/Genomes/de/',
        'http://s3.example.org:9000/base/genomes/de/',
        'http://genomes.s3.example.org:9000/base/de/',
      ],
    ],
    ['https://192.0.2.7', ['https://192.0.2.7/Genomes/de/', 'https://192.0.2.7/genomes/de/']],
  ])('gives a bucket at %s the same rules under its https addresses', async (endpoint, addresses) => {
    const location = `id: l\ncountry: DE\nkind: s3\nendpoint: ${endpoint}\nprefixes: [{url: "s3://Genomes/de/", sensitivity: controlled, residency: [DE]}]\n`
    const config = await load(`${OPEN}locationsDir: l\n`, { 'l/a.yaml': location })
    const rules = { sensitivity: 'controlled', access: 'compute', residency: ['DE'] }
    const prefixes = config.locations[0]?.location.prefixes ?? []
    expect(prefixes.filter(({ url }) => url.startsWith('http')).map(({ url }) => url)).toEqual(addresses)
    expect(prefixes).toEqual(prefixes.map(({ url }) => ({ url, ...rules })))
  })

  it('takes limits at the door from file and environment, and says that open mode has none', async () => {
    const limits = 'limits: {rates: {person: {creates: {atOnce: 7}}}}\n'
    await writeFile(join(folder, 'portolan.yaml'), OPEN + limits)
    const env = { PORTOLAN_LIMITS_RATES_ADDRESS_POLLS_PER_MINUTE: '30' }
    const config = await loadConfig({ file: 'portolan.yaml', env, cwd: folder })
    expect(config).toMatchObject({
      limits: { rates: { person: { create: { burst: 7, perSecond: 100 } }, address: { poll: { burst: 50_000, perSecond: 0.5 } } } },
    })
    expect(config.warnings.map(one => formatWarning(one).replaceAll(`${folder}/`, ''))).toEqual([
      'portolan.yaml:2: limits.rates is not used while auth.mode is open',
    ])
  })

  it.each([
    ['', [], ['127.0.0.0/8', '::1']],
    ['publicUrl: "http://localhost:8080"', [], ['127.0.0.0/8', '::1']],
    [
      'publicUrl: "https://b.example.org"',
      ['is not written while publicUrl is https://b.example.org: nobody may read /metrics; name the machine of Prometheus'],
      [],
    ],
    ['publicUrl: "https://b.example.org", metricsFrom: [10.0.0.9]', [], ['10.0.0.9']],
    [
      'publicUrl: "https://b.example.org", metricsFrom: [10.0.0.9, 127.0.0.0/8]',
      [
        'names this machine while publicUrl does not: a proxy here that adds no X-Forwarded-For opens /metrics to everybody; let it add the header',
      ],
      ['10.0.0.9', '127.0.0.0/8'],
    ],
  ])('lets nobody read the figures behind a proxy unless they are named, and says so: {%s}', async (server, said, metricsFrom) => {
    const config = await load(`${OPEN}server: {${server}}\n`)
    expect(config.server.metricsFrom).toEqual(metricsFrom)
    expect(config.warnings.map(one => formatWarning(one).replaceAll(`${folder}/`, ''))).toEqual(
      said.map(words => `portolan.yaml:2: server.metricsFrom ${words}`),
    )
  })

  it('says of declared rules without a check that they refuse everything', async () => {
    const files = {
      's/a.yaml': `${SITE}policy: {groups: [g], images: {signed: {}}, egressReview: false, approvedWorkOnly: true}\n`,
      's/a.cedar': 'forbid (principal, action, resource);',
      'l/a.yaml': LOCATION.replace('"}]', '", sensitivity: controlled, visas: [{}], groups: []}]'),
      'p/a.yaml': 'id: p\nquota: {queued: 5, cpuHours: 7}\n',
    }
    const config = await load(`${OPEN}sitesDir: s\nlocationsDir: l\nprojectsDir: p\n`, files)
    expect(config.sites[0]?.site.policy).toEqual({
      groups: ['g'],
      images: { signed: {} },
      egressReview: false,
      approvedWorkOnly: true,
      siteRules: true,
    })
    expect(config.warnings.map(one => formatWarning(one).replaceAll(`${folder}/`, ''))).toEqual([
      's/a.yaml:4: policy.groups is declared, not yet supported: every task is refused there',
      's/a.yaml:4: policy.approvedWorkOnly is declared, not yet supported: every task is refused there',
      's/a.yaml:4: policy.images.signed is declared, not yet supported: every task is refused there',
      's/a.yaml:1 has a .cedar file beside it: declared, not yet supported: every task is refused there',
      'l/a.yaml:4: prefixes[0].visas is declared, not yet supported: every task on this data is refused',
      'l/a.yaml:4: prefixes[0] is for approved work only, which is not yet supported: every task on this data is refused',
      'l/a.yaml:1: credential is missing: nobody is asked there, sizes are assumed, and no links can be made; use kind: s3',
      'p/a.yaml:2: quota.cpuHours is declared, not yet supported: every task of the project waits',
    ])
  })
})
