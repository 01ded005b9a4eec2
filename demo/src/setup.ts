/**
 * Lays out the demo's world on disk: every site's data folder, and the operators' files that tell the broker of sites, locations and rules.
 */
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { AUTHORITY } from '../../test/login/people.ts'
import type { Deal } from './deal.ts'
import type { Sizes } from './expect.ts'
import { PROJECTS } from './people.ts'
import { FILES, type FileName, folderOf, LINKED, LOST_SECONDS, RESIDENT, SITE_FACTS, SITES, type SiteName } from './world.ts'

export const FILES_AT = new URL('../data/', import.meta.url)

/** The origin of each site's store. */
export type StoreOrigins = Readonly<Record<SiteName, string>>

export interface Layout {
  readonly root: string
  readonly ports: Readonly<Record<SiteName, number>>
  readonly brokerPort: number
  /** Where the data lies in S3; else each site has a data server. */
  readonly stores?: StoreOrigins | undefined
}

/** The login that stands beside the federation, as the broker is told of it. */
export interface LoginFacts {
  readonly issuer: string
  readonly clientId: string
}

/** A site's data folder, and what the site itself keeps. */
export function dataFolder({ root }: Layout, site: SiteName): string {
  return join(root, site, 'data')
}
export function workFolder({ root }: Layout, site: SiteName): string {
  return join(root, site, 'work')
}
export function originOf({ ports }: Layout, site: SiteName): string {
  return `http://127.0.0.1:${ports[site]}`
}
/** What stands before the path of a file. */
export function dataUrl(layout: Layout, site: SiteName): string {
  return layout.stores ? `s3://${bucketOf(site)}/` : `${originOf(layout, site)}/data/`
}
/** The site's bucket, and the name of the location where its data lies. */
export function bucketOf(site: SiteName): string {
  return `${site}-data`
}

export function fileSizes(): Sizes {
  const sizes: Partial<Record<FileName, number>> = {}
  for (const { name } of FILES) sizes[name] = statSync(new URL(name, FILES_AT)).size
  return sizes as Sizes
}

/** The text of one of the demo's data files. */
export function readData(name: FileName): string {
  return readFileSync(new URL(name, FILES_AT), 'utf8')
}

/** Puts every file where the deal says, into the folders of the data servers. */
export function layOutData(layout: Layout, deal: Deal): void {
  for (const site of SITES)
    for (const folder of ['public', 'protected', 'results']) mkdirSync(join(dataFolder(layout, site), folder), { recursive: true })
  for (const { name } of FILES) copyFileSync(new URL(name, FILES_AT), join(dataFolder(layout, deal[name]), folderOf(name), name))
}

/** Where people and programs find the broker: the login sends people back there. */
export function brokerOrigin({ brokerPort }: Layout): string {
  return `http://127.0.0.1:${brokerPort}`
}

/** The name of the login in addresses of the broker. */
export const LOGIN_ID = 'ls'

/** Environment variable of what the broker proves itself to the login with. */
export const CLIENT_SECRET = 'DEMO_LOGIN_SECRET'

/** Writes the broker's configuration and answers its path. Secrets stay in the environment: the files only name them. */
export function writeConfiguration(layout: Layout, deal: Deal, { issuer, clientId }: LoginFacts): string {
  for (const folder of ['sites', 'locations', 'projects']) mkdirSync(join(layout.root, 'broker', folder), { recursive: true })
  for (const site of SITES) {
    write(layout, `sites/${site}.yaml`, siteFile(layout, site))
    write(layout, `locations/${bucketOf(site)}.yaml`, locationFile(layout, deal, site))
  }
  for (const [id, { name, group }] of Object.entries(PROJECTS)) write(layout, `projects/${id}.yaml`, { id, name, members: [group] })
  return write(layout, 'portolan.yaml', {
    server: { host: '127.0.0.1', port: layout.brokerPort, publicUrl: brokerOrigin(layout) },
    store: { kind: 'sqlite', path: join(layout.root, 'broker', 'portolan.db') },
    keys: { dir: join(layout.root, 'broker', 'keys') },
    auth: {
      mode: 'required',
      issuers: [
        {
          issuer,
          id: LOGIN_ID,
          name: 'the stand-in for LS-Login',
          clientId,
          clientSecretRef: `env:${CLIENT_SECRET}`,
          scopes: ['openid', 'profile', 'email', 'offline_access', 'eduperson_entitlement'],
          claimsFrom: 'userinfo',
          entitlementAuthorities: [AUTHORITY],
        },
      ],
    },
    tracking: {
      sweepSeconds: 1,
      settleSeconds: 2,
      siteTimeoutSeconds: 5,
      staleAfterSeconds: 2,
      lostAfterSeconds: LOST_SECONDS,
      maxRetries: 3,
    },
    sitesDir: './sites',
    locationsDir: './locations',
    projectsDir: './projects',
  })
}

function siteFile(layout: Layout, site: SiteName): object {
  const { name, country, city, ramGb, open, from } = SITE_FACTS[site]
  return {
    id: site,
    name,
    api: 'tes',
    url: `${originOf(layout, site)}/ga4gh/tes/v1`,
    dialect: 'auto',
    ...(!open && { credential: { kind: 'bearer', tokenRef: `env:${tokenName(site, 'TES')}` } }),
    place: { country, city },
    capacity: { cpuCores: 8, ramGb, diskGb: 100, maxRunHours: 2 },
    network: {
      defaultMbps: 1,
      from: Object.fromEntries(SITES.flatMap(other => (from[other] === undefined ? [] : [[bucketOf(other), from[other]]]))),
    },
    limits: { requestsPerSecond: 50, maxIdleTasks: 20 },
    holds: [bucketOf(site)],
    maxSensitivity: open ? 'public' : 'controlled',
    policy: { images: { allow: ['portolan/demo-tools*'] }, outputs: { allow: SITES.map(other => `${dataUrl(layout, other)}results/`) } },
  }
}

function locationFile(layout: Layout, deal: Deal, site: SiteName): object {
  const { country } = SITE_FACTS[site]
  const held = FILES.filter(({ name }) => deal[name] === site)
  return {
    id: bucketOf(site),
    country,
    ...serverOf(layout, site),
    prefixes: [
      ...held.map(({ name, sensitivity }) => ({
        url: `${dataUrl(layout, site)}${folderOf(name)}/${name}`,
        sensitivity,
        ...(name === RESIDENT || sensitivity !== 'public' ? { residency: [country] } : {}),
      })),
      { url: `${dataUrl(layout, site)}results/`, sensitivity: 'public', outputs: true },
    ],
  }
}

/** The server, and what the broker shows there. */
function serverOf(layout: Layout, site: SiteName): object {
  if (!layout.stores)
    return {
      kind: 'http',
      endpoint: originOf(layout, site),
      credential: { kind: 'bearer', tokenRef: `env:${tokenName(site, 'READER')}` },
    }
  return {
    kind: 's3',
    endpoint: layout.stores[site],
    credential: { kind: 's3', accessKeyRef: `env:${BROKER_KEY.access}`, secretKeyRef: `env:${BROKER_KEY.secret}` },
    credentialsAt: SITES.filter(other => other !== LINKED),
  }
}

/** Environment variables of the broker's key at the stores. */
export const BROKER_KEY = { access: 'DEMO_BROKER_ACCESS', secret: 'DEMO_BROKER_SECRET' } as const

/** Environment variable of a secret: the site's own token, or the broker's as a reader of its data. */
export function tokenName(site: SiteName, what: 'TES' | 'READER'): string {
  return `DEMO_${site.toUpperCase()}_${what}`
}

function write(layout: Layout, name: string, content: object): string {
  const path = join(layout.root, 'broker', name)
  writeFileSync(path, stringify(content))
  return path
}
