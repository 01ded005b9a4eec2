/**
 * The running federation of the demo: a login, three sites and a broker, each a process of its own, and an S3 server where the data lies in one.
 */
import { join } from 'node:path'
import { type StandIn, startStandIn } from '../../test/login/stand-in.ts'
import type { Deal } from './deal.ts'
import { freePorts } from './free-ports.ts'
import { endProgram, type Running, startProgram } from './processes.ts'
import { makeSecrets, readKeys } from './secrets.ts'
import { brokerOrigin, CLIENT_SECRET, type Layout, LOGIN_ID, layOutData, writeConfiguration } from './setup.ts'
import { flagsOf } from './site-flags.ts'
import type { SiteStores } from './site-stores.ts'
import type { Storage } from './storage.ts'
import { SITES, type SiteName } from './world.ts'

export interface Federation {
  readonly layout: Layout
  readonly brokerUrl: string
  /** Pulls the plug: the site has no chance to say goodbye. Its store in S3 is another machine, and stays. */
  kill(site: SiteName): Promise<void>
  restart(site: SiteName): Promise<void>
  /** Of the site's data server, or of its store in S3. */
  accessLog(site: SiteName): string
  /** Ends everything, the broker first. Answers the broker's exit code. */
  end(): Promise<number | null>
}

export interface FederationOptions {
  readonly root: string
  readonly deal: Deal
  readonly storage: Storage
  readonly runner: string
  /** Further flags for every site. */
  readonly siteFlags: readonly string[]
  /** Hears of a site or a broker that ends without being told to. */
  readonly onLost: (error: Error) => void
  /** Ends the start early. */
  readonly signal: AbortSignal
}

/** What the broker is called at the login. */
const CLIENT_ID = 'portolan'

/** Rejects, with everything ended that had started, if one of them cannot start. */
export async function startFederation(options: FederationOptions): Promise<Federation> {
  const { root, deal, runner, siteFlags, onLost } = options
  await using stack = new AsyncDisposableStack()
  const env = makeSecrets()
  const accessLog = (site: SiteName): string => join(root, site, 'work', 'access.log')
  const stores = await openStores(options, env, accessLog)
  if (stores) stack.use(stores)
  const [brokerPort = 0, ...sitePorts] = await freePorts(1 + SITES.length)
  const layout: Layout = { root, ports: portsOf(sitePorts), brokerPort, stores: stores?.origins }
  if (!stores) layOutData(layout, deal)
  const login = stack.use(await startLogin(layout, env[CLIENT_SECRET]))
  const configuration = writeConfiguration(layout, deal, { issuer: login.issuer, clientId: CLIENT_ID })
  const sites = new Map<SiteName, Running>()
  stack.defer(async () => void (await Promise.all([...sites.values()].map(running => endProgram(running, 'SIGTERM')))))

  const startSite = async (site: SiteName): Promise<void> => {
    const flags = [...flagsOf(layout, site, runner), ...siteFlags]
    sites.set(site, await startProgram('apps/site/src/main.ts', flags, env, join(root, `${site}.log`), onLost))
  }
  for (const site of SITES) await startSite(site)
  const broker = await startProgram('apps/broker/src/main.ts', ['--config', configuration], env, join(root, 'broker.log'), onLost)
  const owned = stack.move()
  return {
    layout,
    brokerUrl: broker.url,
    async kill(site) {
      const running = sites.get(site)
      if (running) await endProgram(running, 'SIGKILL')
    },
    restart: startSite,
    accessLog,
    async end() {
      const code = await endProgram(broker, 'SIGTERM')
      await owned.disposeAsync()
      return code
    },
  }
}

/** Undefined where the data lies at data servers. The modules of S3 are loaded only where there is one. */
async function openStores(
  { root, deal, storage, signal }: FederationOptions,
  env: Readonly<Record<string, string>>,
  logFile: (site: SiteName) => string,
): Promise<SiteStores | undefined> {
  if (storage.kind === 'http') return undefined
  const { startStores } = await import('./site-stores.ts')
  return await startStores(deal, { jar: storage.jar, folder: join(root, 's3'), keys: readKeys(env), logFile, signal })
}

/** A stand-in for LS-Login in a process of its own, with the broker as its one client. */
async function startLogin(layout: Layout, secret = ''): Promise<StandIn> {
  return await startStandIn({
    clients: [
      {
        id: CLIENT_ID,
        secret,
        grants: ['authorization_code', 'refresh_token'],
        redirectUris: [`${brokerOrigin(layout)}/app/callback/${LOGIN_ID}`],
        postLogoutRedirectUris: [`${brokerOrigin(layout)}/app`],
      },
    ],
  })
}

function portsOf([bielefeld = 0, charite = 0, surf = 0]: readonly number[]): Layout['ports'] {
  return { bielefeld, charite, surf }
}
