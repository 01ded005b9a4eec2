/**
 * A broker in required mode, in front of no sites unless some are named, with stand-ins for its logins, each a process of its own. The people are those of `test/login`.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrokerOptions, startBroker } from '@portolan/broker'
import { formatProblem, loadConfig } from '@portolan/broker/config'
import { stringify } from 'yaml'
import { createLog } from '../../apps/broker/src/observe/log.ts'
import { freePorts } from '../../demo/src/free-ports.ts'
import { keep } from '../leaks/remains.ts'
import { makeSecret } from '../leaks/secrets.ts'
import type { Fault } from '../login/faults.ts'
import { GROUPS } from '../login/people.ts'
import { DEVICE_GRANT, EXCHANGE_GRANT } from '../login/settings.ts'
import { type StandIn, startStandIn } from '../login/stand-in.ts'

export interface LoginSpec {
  /** One login for each id. Default: `ls`. */
  readonly ids?: readonly string[]
  /** Further keys of every entry of `auth.issuers`. */
  readonly issuer?: Readonly<Record<string, unknown>>
  /** Further keys of `server`. */
  readonly server?: Readonly<Record<string, unknown>>
  /** Further keys of `auth`. */
  readonly auth?: Readonly<Record<string, unknown>>
  /** Where people reach the broker, if something stands before it. Default: its origin. */
  readonly publicUrl?: string
  readonly projects?: readonly Readonly<Record<string, unknown>>[]
  /** The key `limits` of the configuration. */
  readonly limits?: Readonly<Record<string, unknown>>
  /** Entries of `sites`, given the logins; and the resources that the broker may exchange tokens for. */
  readonly sites?: (login: (id: string) => StandIn) => readonly Readonly<Record<string, unknown>>[]
  readonly locations?: readonly Readonly<Record<string, unknown>>[]
  readonly resources?: readonly string[]
  readonly options?: BrokerOptions
  /** What the logins hand out. Default: JWTs. */
  readonly accessTokens?: 'jwt' | 'opaque'
  /** Of every login, from before the broker starts. */
  readonly faults?: readonly Fault[]
}

export interface LoginWorld extends AsyncDisposable {
  /** The origin of the broker, which is its public URL unless another one was given. */
  readonly url: string
  readonly folder: string
  /** The configuration file of the broker, for those who start it themselves. */
  readonly file: string
  readonly env: Readonly<Record<string, string>>
  login(id?: string): StandIn
}

export interface StartedBroker extends AsyncDisposable {
  /** Lines of the broker's log, as objects. */
  readonly logged: Readonly<Record<string, unknown>>[]
}

export interface BrokerWithLogin extends LoginWorld, StartedBroker {}

const SECRET = makeSecret('a secret+of:the/broker')
/** What its remains are called in a report. */
const WHOSE = 'a broker with a login'
const PROJECTS = [
  { id: 'cancer', name: 'Cancer cohorts', members: [GROUPS.cancer], contact: 'cancer-desk@example.org' },
  { id: 'rare', name: 'Rare diseases', members: [GROUPS.rareDiseases] },
]

/** The logins, and the configuration of a broker that is not started yet. */
export async function prepareBrokerWithLogin(spec: LoginSpec = {}): Promise<LoginWorld> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'portolan-login-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const logins = new Map<string, StandIn>()
  for (const id of spec.ids ?? ['ls']) {
    const clients = [clientOf(spec.publicUrl ?? url, id, spec.resources)]
    const login = started.use(await startStandIn({ clients, accessTokens: spec.accessTokens ?? 'jwt' }))
    await login.setFaults(...(spec.faults ?? []))
    logins.set(id, login)
  }
  const file = join(folder, 'portolan.yaml')
  await writeFile(file, stringify(configuration(spec, port, logins)))
  const owned = started.move()
  return {
    url,
    folder,
    file,
    env: { LOGIN_SECRET: SECRET },
    login: (id = 'ls') => findLogin(logins, id),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The same, with the broker running in this process. */
export async function startBrokerWithLogin(spec: LoginSpec = {}): Promise<BrokerWithLogin> {
  await using started = new AsyncDisposableStack()
  const world = started.use(await prepareBrokerWithLogin(spec))
  const { logged } = started.use(await startPrepared(world, spec.options))
  const owned = started.move()
  return { ...world, logged, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Starts a broker in this process by what the configuration file says now. */
export async function startPrepared({ file, env, folder }: LoginWorld, options: BrokerOptions = {}): Promise<StartedBroker> {
  const config = await loadConfig({ file, env, cwd: folder })
  if (config.kind === 'problems') throw new Error(config.problems.map(formatProblem).join('\n'))
  const logged: Record<string, unknown>[] = []
  const write = (line: string): void => {
    keep('log', WHOSE, line)
    logged.push(JSON.parse(line))
  }
  const log = createLog({ level: 'debug', destination: { write } })
  const broker = await startBroker(config, { log, accessSink: lines => keep('access log', WHOSE, lines), ...options })
  return { logged, [Symbol.asyncDispose]: () => broker.stop() }
}

function clientOf(url: string, id: string, resources: readonly string[] = []) {
  return {
    id: 'portolan',
    secret: SECRET,
    grants: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE_GRANT, EXCHANGE_GRANT],
    resources,
    redirectUris: [`${url}/app/callback/${id}`],
    postLogoutRedirectUris: [`${url}/app`],
  } as const
}

function configuration(
  { issuer, server, auth, publicUrl, limits = {}, projects = PROJECTS, sites, locations = [] }: LoginSpec,
  port: number,
  logins: ReadonlyMap<string, StandIn>,
): object {
  return {
    server: { host: '127.0.0.1', port, publicUrl: publicUrl ?? `http://127.0.0.1:${port}`, ...server },
    limits,
    auth: {
      mode: 'required',
      issuers: [...logins].map(([id, login]) => ({
        issuer: login.issuer,
        id,
        name: id.toUpperCase(),
        clientId: 'portolan',
        clientSecretRef: 'env:LOGIN_SECRET',
        scopes: ['openid', 'profile', 'email', 'offline_access', 'eduperson_entitlement'],
        entitlementAuthorities: ['aai.lifescience-ri.eu'],
        ...issuer,
      })),
      ...auth,
    },
    projects,
    sites: sites?.(id => findLogin(logins, id)) ?? [],
    locations,
    tracking: { sweepSeconds: 0.2, settleSeconds: 0.3, siteTimeoutSeconds: 2 },
  }
}

function findLogin(logins: ReadonlyMap<string, StandIn>, id: string): StandIn {
  const login = logins.get(id)
  if (login === undefined) throw new Error(`There is no login ${id}`)
  return login
}
