/**
 * Loads the whole configuration: the main file, the folders it names, and the environment. All mistakes come together.
 */
import { dirname, resolve } from 'node:path'
import { BrokerFile } from './broker-file.ts'
import { checkPathMaps, checkProjectPlaces } from './check-data.ts'
import { checkBroker, checkLocation, checkPrefixes, checkProject, checkSite, checkUnique, originOf } from './checks.ts'
import { toConfiguredProject, toConfiguredSite } from './configured.ts'
import { convertLocation, convertServer, convertSite, convertTokens, convertTracking } from './convert.ts'
import { convertIssuer } from './convert-issuer.ts'
import { LocationCredentialFile, SiteCredentialFile } from './credential-file.ts'
import { type Documents, type Part, readDocuments } from './documents.ts'
import type { EnvironmentName } from './environment.ts'
import { IssuerFile } from './issuer-file.ts'
import { describeSchema, judge } from './judge.ts'
import { judgePassword } from './judge-secret.ts'
import { LocationFile } from './location-file.ts'
import { defaultMetricsFrom } from './metrics-from.ts'
import { ownPlaces } from './own-places.ts'
import { byPlace, type ConfigProblem, type ConfigWarning, formatPath } from './problem.ts'
import { ProjectFile } from './project-file.ts'
import { convertRates } from './rates-file.ts'
import { readSource } from './read-sources.ts'
import { fetchSecret, resolveLocationCredential, resolveSiteCredential } from './resolve-credential.ts'
import { warnOfSharedTargets } from './shared-targets.ts'
import { SiteFile } from './site-file.ts'
import { type Source, sourceWithoutFile } from './source.ts'
import type { TrackingFile } from './tracking-file.ts'
import {
  type Config,
  type ConfigProblems,
  type ConfiguredIssuer,
  type ConfiguredLocation,
  type ConfiguredProject,
  type ConfiguredSite,
  LOCAL_PROJECT,
} from './types.ts'
import { entriesAt, valueAt } from './value-at.ts'
import { warnOfBroker, warnOfLocation, warnOfProject, warnOfSite } from './warnings.ts'

const MIB = 2 ** 20

export interface LoadOptions {
  /** Default: `PORTOLAN_CONFIG`; without either the defaults hold: open, on loopback, no sites. */
  readonly file?: string | undefined
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** ms since 1970, to see what has expired. Default: the clock. */
  readonly now?: (() => number) | undefined
}

const HOUR_MS = 3_600_000

const SCHEMAS = {
  broker: describeSchema(BrokerFile),
  sites: describeSchema(SiteFile),
  locations: describeSchema(LocationFile),
  projects: describeSchema(ProjectFile),
}

/** What is found while the parts are loaded one by one. */
interface Findings {
  readonly now: () => number
  readonly problems: ConfigProblem[]
  readonly warnings: ConfigWarning[]
}

/** The configuration, or every mistake in it, by file and line. It never throws for what an operator can write. */
export async function loadConfig(options: LoadOptions): Promise<Config | ConfigProblems> {
  const named = options.file ?? options.env.PORTOLAN_CONFIG
  const file = named === undefined || named === '' ? undefined : resolve(options.cwd, named)
  const read =
    file === undefined ? { source: sourceWithoutFile('defaults', { auth: { mode: 'open' } }), problems: [] } : await readSource(file)
  if (!read.source) return { kind: 'problems', problems: read.problems, warnings: [] }
  const folder = file === undefined ? options.cwd : dirname(file)
  return assemble(await readDocuments(read.source, folder, options.env), file, folder, options)
}

async function assemble(documents: Documents, file: string | undefined, folder: string, { env, now = Date.now }: LoadOptions) {
  const { main, parts } = documents
  const found: Findings = { now, problems: [...documents.problems], warnings: [] }
  const broker = loadBroker(documents, found)
  const tracking = broker?.tracking ?? BrokerFile.parse({}).tracking
  const sites = await loadSites(documents, tracking, env, found)
  const locations = await loadLocations(documents, env, found)
  const projects = loadProjects(documents, locations, found)
  found.problems.push(
    ...checkUnique('site', parts.sites.map(sourceOf)),
    ...checkUnique('location', parts.locations.map(sourceOf)),
    ...checkUnique('project', parts.projects.map(sourceOf)),
    ...checkPrefixes(parts.locations.map(sourceOf)),
    ...checkPathMaps(parts.locations.map(sourceOf)),
    ...checkProjectPlaces(parts.projects.map(sourceOf), parts.locations.map(sourceOf)),
  )
  if (documents.known.issuers !== undefined) found.warnings.push(...warnOfSharedTargets(parts.locations.map(sourceOf), projects))
  if (!documents.known.projects.includes(LOCAL_PROJECT))
    projects.push(toConfiguredProject(ProjectFile.parse({ id: LOCAL_PROJECT, name: 'Local' }), main.file, []))
  const issuers = await loadIssuers(documents, sites, env, found)
  const whole = broker && convertBroker(broker, folder, issuers)
  if (whole === undefined || found.problems.length > 0)
    return { kind: 'problems', problems: found.problems.toSorted(byPlace), warnings: found.warnings } satisfies ConfigProblems
  return {
    kind: 'config',
    ...(file !== undefined && { file }),
    ...whole,
    sites,
    locations,
    projects,
    warnings: found.warnings,
  } satisfies Config
}

const sourceOf = ({ source }: Part): Source => source

function loadBroker({ main, set, known }: Documents, found: Findings): BrokerFile | undefined {
  const { file, problems } = judge(main, SCHEMAS.broker, checkBroker(main, known))
  found.problems.push(...blameEnvironment(problems, set))
  if (file) found.warnings.push(...warnOfBroker(main, file))
  return file
}

async function loadSites(
  { main, parts, known }: Documents,
  tracking: TrackingFile,
  env: NodeJS.ProcessEnv,
  found: Findings,
): Promise<readonly ConfiguredSite[]> {
  const sites: ConfiguredSite[] = []
  const hasLogin = valueAt(main.raw, ['auth', 'mode']) !== 'open'
  for (const { source, hasRules } of parts.sites) {
    const { file, problems } = judge(source, SCHEMAS.sites, checkSite(source, known, hasLogin))
    found.problems.push(...problems)
    const login = SiteCredentialFile.safeParse(valueAt(source.raw, ['credential'])).data
    const credential = login && (await resolveSiteCredential(login, { source, env, ...found }))
    if (!file) continue
    found.warnings.push(...warnOfSite(source, file, hasRules))
    sites.push(toConfiguredSite(file, convertSite(file, tracking, hasRules), credential, source.file))
  }
  return sites
}

async function loadLocations({ parts, known }: Documents, env: NodeJS.ProcessEnv, found: Findings): Promise<readonly ConfiguredLocation[]> {
  const locations: ConfiguredLocation[] = []
  for (const { source } of parts.locations) {
    const { file, problems } = judge(source, SCHEMAS.locations, checkLocation(source, known))
    found.problems.push(...problems)
    const login = LocationCredentialFile.safeParse(valueAt(source.raw, ['credential'])).data
    const credential = login && (await resolveLocationCredential(login, { source, env, ...found }))
    if (!file) continue
    found.warnings.push(...warnOfLocation(source, file))
    locations.push({ location: convertLocation(file), server: convertServer(file), origin: originOf(file), credential, file: source.file })
  }
  return locations
}

/** In open mode nobody is asked, so no secret is needed. */
async function loadIssuers(
  { main }: Documents,
  sites: readonly ConfiguredSite[],
  env: NodeJS.ProcessEnv,
  found: Findings,
): Promise<readonly ConfiguredIssuer[]> {
  if (valueAt(main.raw, ['auth', 'mode']) === 'open') return []
  const audiences = sites.flatMap(({ credential }) => audiencesOf(credential))
  const issuers: ConfiguredIssuer[] = []
  for (const [entry, at] of entriesAt(main.raw, ['auth', 'issuers'])) {
    const file = IssuerFile.safeParse(entry).data
    if (!file) continue
    const { clientSecretRef: ref } = file
    const path = [...at, 'clientSecretRef']
    const secret = ref === undefined ? undefined : await fetchSecret(ref, path, { source: main, env, ...found }, judgePassword)
    issuers.push(convertIssuer(file, secret, audiences))
  }
  return issuers
}

/** For whom the tokens are that are sent to a site. */
function audiencesOf(credential: ConfiguredSite['credential']): readonly string[] {
  if (credential?.kind === 'forward_user') return audiencesOf(credential.own)
  if (credential?.kind !== 'token_exchange' && credential?.kind !== 'client_credentials') return []
  const { resource, audience } = credential.client
  return [
    ...(credential.kind === 'token_exchange' ? audiencesOf(credential.own) : []),
    ...[resource, audience].filter(one => one !== undefined),
  ]
}

function loadProjects({ parts, known }: Documents, locations: readonly ConfiguredLocation[], found: Findings): ConfiguredProject[] {
  const hasLogin = known.issuers !== undefined
  return parts.projects.flatMap(({ source }) => {
    const { file, problems } = judge(source, SCHEMAS.projects, checkProject(source, known))
    found.problems.push(...problems)
    if (!file) return []
    found.warnings.push(...warnOfProject(source, file, hasLogin))
    return [toConfiguredProject(file, source.file, ownPlaces(file, locations))]
  })
}

/** The main file in the units and paths of the broker; undefined for what this version cannot do, of which the checks tell. */
function convertBroker(
  { server, limits, tracking, store, bus, keys, auth }: BrokerFile,
  folder: string,
  issuers: readonly ConfiguredIssuer[],
) {
  if (store.kind !== 'sqlite' || bus.kind !== 'memory') return undefined
  return {
    server: {
      ...server,
      publicUrl: server.publicUrl?.replace(/\/+$/, ''),
      metricsFrom: server.metricsFrom ?? defaultMetricsFrom(server.publicUrl),
    },
    limits: {
      bodyBytes: Math.floor(limits.bodyMiB * MIB),
      contentBytes: Math.floor(limits.contentKiB * 2 ** 10),
      inputs: limits.inputs,
      tags: limits.tags,
      bodies: {
        personBytes: Math.max(limits.bodies.personMiB, limits.bodyMiB) * MIB,
        // One may have half of what others leave beside what is kept, and has to be able to send one body.
        allBytes: Math.max(limits.bodies.allMiB, 3 * limits.bodyMiB) * MIB,
        keptBytes: limits.bodyMiB * MIB,
      },
      rates: convertRates(limits.rates),
      live: limits.live,
    },
    tracking: convertTracking(tracking),
    store: { kind: store.kind, path: resolve(folder, store.path) },
    bus: { kind: bus.kind },
    keys: { dir: resolve(folder, keys.dir) },
    auth: {
      mode: auth.mode,
      tokens: convertTokens(auth.tokens),
      claimsMaxAgeMs: auth.claimsMaxAgeHours * HOUR_MS,
      issuers,
      admins: auth.admins,
    },
  }
}

/** A mistake in a value that the environment has set is named after its variable. */
function blameEnvironment(problems: readonly ConfigProblem[], set: readonly EnvironmentName[]): readonly ConfigProblem[] {
  return problems.map(problem => {
    const variable = set.find(({ path }) => formatPath(path) === problem.path)
    return variable ? { file: 'environment', path: variable.name, message: problem.message, fix: problem.fix } : problem
  })
}
