/**
 * The running federation of the demo: a login, three sites and a broker, each a process of its own.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type StandIn, startStandIn } from '../../test/login/stand-in.ts'
import type { Deal } from './deal.ts'
import { freePorts } from './free-ports.ts'
import { endProgram, type Running, startProgram } from './processes.ts'
import {
  brokerOrigin,
  CLIENT_SECRET,
  dataFolder,
  type Layout,
  LOGIN_ID,
  layOutData,
  originOf,
  tokenName,
  workFolder,
  writeConfiguration,
} from './setup.ts'
import { SITE_FACTS, SITES, type SiteName } from './world.ts'

export interface Federation {
  readonly layout: Layout
  readonly brokerUrl: string
  /** Pulls the plug: the site has no chance to say goodbye. */
  kill(site: SiteName): Promise<void>
  restart(site: SiteName): Promise<void>
  accessLog(site: SiteName): string
  /** The bytes of a result, as the person who submitted the task reads them. */
  fetchResult(url: string): Promise<string>
  /** Ends everything, the broker first. Answers the broker's exit code. */
  end(): Promise<number | null>
}

export interface FederationOptions {
  readonly root: string
  readonly deal: Deal
  readonly runner: string
  /** Further flags for every site. */
  readonly siteFlags: readonly string[]
  /** Hears of a site or a broker that ends without being told to. */
  readonly onLost: (error: Error) => void
}

/** The person at the keyboard may read all results, and so has a token of their own. */
const PERSON = 'person'
/** What the broker is called at the login. */
const CLIENT_ID = 'portolan'
const FETCH_MS = 10_000

/** Rejects, with everything ended that had started, if one of them cannot start. */
export async function startFederation({ root, deal, runner, siteFlags, onLost }: FederationOptions): Promise<Federation> {
  const [brokerPort = 0, ...sitePorts] = await freePorts(1 + SITES.length)
  const layout: Layout = { root, ports: portsOf(sitePorts), brokerPort }
  layOutData(layout, deal)
  const env = makeSecrets()
  const login = await startLogin(layout, env[CLIENT_SECRET])
  const configuration = writeConfiguration(layout, deal, { issuer: login.issuer, clientId: CLIENT_ID })
  const sites = new Map<SiteName, Running>()

  const startSite = async (site: SiteName): Promise<void> => {
    const flags = [...flagsOf(layout, site, runner), ...siteFlags]
    sites.set(site, await startProgram('apps/site/src/main.ts', flags, env, join(root, `${site}.log`), onLost))
  }
  const endRest = async () => {
    await Promise.all([...sites.values()].map(running => endProgram(running, 'SIGTERM')))
    await login[Symbol.asyncDispose]()
  }
  try {
    for (const site of SITES) await startSite(site)
    const flags = ['--config', configuration]
    const broker = await startProgram('apps/broker/src/main.ts', flags, env, join(root, 'broker.log'), onLost)
    return {
      layout,
      brokerUrl: broker.url,
      async kill(site) {
        const running = sites.get(site)
        if (running) await endProgram(running, 'SIGKILL')
      },
      restart: startSite,
      accessLog: site => join(workFolder(layout, site), 'access.log'),
      async fetchResult(url) {
        const headers = { authorization: `Bearer ${env[secretOf(PERSON)] ?? ''}` }
        const answer = await fetch(url, { headers, signal: AbortSignal.timeout(FETCH_MS) })
        return answer.ok ? await answer.text() : `HTTP ${answer.status}`
      },
      async end() {
        const code = await endProgram(broker, 'SIGTERM')
        await endRest()
        return code
      },
    }
  } catch (error) {
    await endRest()
    throw error
  }
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

function flagsOf(layout: Layout, site: SiteName, runner: string): string[] {
  const { country, name, open } = SITE_FACTS[site]
  return [
    ...['--id', site, '--name', name, '--country', country, '--port', String(layout.ports[site])],
    ...['--data', dataFolder(layout, site), '--work', workFolder(layout, site), '--runner', runner, '--allow-root', '--slots', '4'],
    ...(open ? ['--open'] : ['--token-ref', `env:${tokenName(site, 'TES')}`]),
    ...['--public', '/public/'],
    ...[...SITES, PERSON].flatMap(reader => ['--reader', `${reader}=env:${secretOf(reader)}`]),
    ...['--reader', `broker=env:${tokenName(site, 'READER')}`],
    ...SITES.flatMap(other => ['--fetch', `${originOf(layout, other)}=env:${secretOf(site)}`]),
  ]
}

/** A reader's own token: it is the same at every data server, which knows the reader by it. */
function secretOf(reader: string): string {
  return `DEMO_READER_${reader.toUpperCase()}`
}

function makeSecrets(): Readonly<Record<string, string>> {
  const names = [
    CLIENT_SECRET,
    ...[...SITES, PERSON].map(secretOf),
    ...SITES.flatMap(site => [tokenName(site, 'TES'), tokenName(site, 'READER')]),
  ]
  return Object.fromEntries(names.map(name => [name, randomBytes(24).toString('base64url')]))
}

function portsOf([bielefeld = 0, charite = 0, surf = 0]: readonly number[]): Layout['ports'] {
  return { bielefeld, charite, surf }
}
