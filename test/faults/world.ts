/**
 * The world of the kills on disk and as processes: a login, real sites whose one tool writes a nonce into the site's journal, and a broker over
 * one store that can be killed and started again on the same port.
 */
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { stringify } from 'yaml'
import { createCaller } from '../../demo/src/caller.ts'
import { freePorts } from '../../demo/src/free-ports.ts'
import { logIn, makePersonalToken } from '../../demo/src/log-in.ts'
import { endProgram, type Running, startProgram } from '../../demo/src/processes.ts'
import { AUTHORITY, GROUPS } from '../login/people.ts'
import { startStandIn } from '../login/stand-in.ts'

const SITES = ['bielefeld', 'charite', 'surf'] as const
const SLOTS = 4
/** A site holds the answer to a create back for up to this time, after it has stored the task. */
const HOLD_MAX_MS = 500
/** After a crash the leases are free again after this time. */
const LEASE_TTL_MS = 1_500
/** What the broker is called at the login, and where it finds its secret. */
const CLIENT_ID = 'portolan'
const CLIENT_SECRET = 'FAULTS_LOGIN_SECRET'
const PROJECT = 'cancer'
const LOGIN_MS = 30_000
/** The tool at every site: `note-nonce NONCE SECONDS` works for so long, and then writes. */
export const TOOL = 'note-nonce'

export interface FaultSite {
  readonly id: string
  /** Base URL of its TES API. */
  readonly url: string
  /** A folder appears here for every task that the site stores. */
  readonly tasksFolder: string
  readonly journal: string
}

export interface World extends AsyncDisposable {
  readonly folder: string
  readonly sites: readonly FaultSite[]
  readonly storePath: string
  readonly keysFolder: string
  readonly brokerUrl: string
  startBroker(): Promise<Running>
  /** A personal token that reads and writes, for as long as the world stands. It comes from a broker without faults, so none may run now. */
  makeToken(): Promise<string>
}

/** Starts the sites. `switches` are flags of `broker-under-test.ts`. */
export async function buildWorld(switches: readonly string[]): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-faults-'))
  const [port = 0] = await freePorts(1)
  const brokerUrl = `http://127.0.0.1:${port}`
  const running: Running[] = []
  const secret = randomBytes(24).toString('base64url')
  const login = await startStandIn({
    clients: [{ id: CLIENT_ID, secret, grants: ['authorization_code', 'refresh_token'], redirectUris: [`${brokerUrl}/app/callback/ls`] }],
  })
  // A harness that is cut short leaves nothing behind that runs.
  const killAll = (): void => {
    for (const one of running) one.process.kill('SIGKILL')
  }
  process.once('exit', killAll)
  const sites: FaultSite[] = []
  const end = async (): Promise<void> => {
    await Promise.all(running.map(one => endProgram(one, 'SIGTERM')))
    await login[Symbol.asyncDispose]()
    process.off('exit', killAll)
  }
  try {
    for (const id of SITES) {
      const { site, process: started } = await startSite(folder, id)
      running.push(started)
      sites.push(site)
    }
  } catch (error) {
    await end()
    throw error
  }
  const storePath = join(folder, 'portolan.db')
  const keysFolder = join(folder, 'keys')
  const config = join(folder, 'portolan.yaml')
  await writeFile(config, stringify(configuration(sites, login.issuer, port, storePath, keysFolder)))
  const start = async (flags: readonly string[]): Promise<Running> => {
    const args = ['--config', config, '--lease-ttl-ms', String(LEASE_TTL_MS), ...flags]
    const env = { NODE_COMPILE_CACHE: join(folder, 'compiled'), [CLIENT_SECRET]: secret }
    const broker = await startProgram('test/faults/broker-under-test.ts', args, env, join(folder, 'broker.log'))
    running.unshift(broker)
    return broker
  }
  return {
    folder,
    sites,
    storePath,
    keysFolder,
    brokerUrl,
    async makeToken() {
      const sound = await start([])
      const token = await makeToken(brokerUrl)
      await endProgram(sound, 'SIGTERM')
      return token
    },
    startBroker: () => start(switches),
    async [Symbol.asyncDispose]() {
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startSite(folder: string, id: string): Promise<{ readonly site: FaultSite; readonly process: Running }> {
  const home = join(folder, id)
  const journal = join(home, 'journal')
  const tool = join(home, 'bin', TOOL)
  await mkdir(join(home, 'bin'), { recursive: true })
  await writeFile(journal, '')
  // One short line in one write to a file opened for appending: lines of many processes never mix.
  await writeFile(tool, `#!/bin/sh\n[ "$2" = 0 ] || sleep "$2"\nprintf '%s\\n' "$1" >>'${journal}'\n`)
  await chmod(tool, 0o755)
  const flags = [
    ...['--id', id, '--open', '--work', join(home, 'work'), '--runner', 'process', '--allow-root'],
    ...['--slots', String(SLOTS), '--hold-create-ms', `0-${HOLD_MAX_MS}`],
  ]
  const path = `${join(home, 'bin')}:${process.env.PATH}`
  const started = await startProgram('apps/site/src/main.ts', flags, { PATH: path }, join(folder, `${id}.log`))
  return { site: { id, url: `${started.url}/ga4gh/tes/v1`, tasksFolder: join(home, 'work', 'tasks'), journal }, process: started }
}

/** Somebody who has just logged in makes it, as for an engine. */
async function makeToken(brokerUrl: string): Promise<string> {
  const patience = AbortSignal.timeout(LOGIN_MS)
  const alice = createCaller(brokerUrl, await logIn(brokerUrl, 'alice', patience), patience)
  return await makePersonalToken(alice, { name: 'writers', project: PROJECT })
}

function configuration(sites: readonly FaultSite[], issuer: string, port: number, storePath: string, keysFolder: string): object {
  return {
    server: { host: '127.0.0.1', port, publicUrl: `http://127.0.0.1:${port}` },
    store: { kind: 'sqlite', path: storePath },
    keys: { dir: keysFolder },
    auth: {
      mode: 'required',
      issuers: [
        {
          ...{ issuer, id: 'ls', clientId: CLIENT_ID, clientSecretRef: `env:${CLIENT_SECRET}`, audiences: [CLIENT_ID] },
          ...{ scopes: ['openid', 'offline_access', 'eduperson_entitlement'], claimsFrom: 'userinfo', entitlementAuthorities: [AUTHORITY] },
        },
      ],
    },
    projects: [{ id: PROJECT, members: [GROUPS.cancer] }],
    tracking: { sweepSeconds: 1, settleSeconds: 2, siteTimeoutSeconds: 3, staleAfterSeconds: 15, lostAfterSeconds: 120, maxRetries: 3 },
    sites: sites.map(({ id, url }) => ({
      id,
      name: id,
      api: 'tes',
      url,
      place: { country: 'DE' },
      limits: { requestsPerSecond: 100, concurrentRequests: 8, maxIdleTasks: 20 },
    })),
  }
}

/** How often each nonce stands in the journals of the sites. */
export async function readJournals(sites: readonly FaultSite[]): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (const { journal } of sites) {
    for (const nonce of (await readFile(journal, 'utf8')).split('\n')) if (nonce !== '') counts.set(nonce, (counts.get(nonce) ?? 0) + 1)
  }
  return counts
}
