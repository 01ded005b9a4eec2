/**
 * Loads the whole configuration: the main file, the folders it names, and the environment. All mistakes come together.
 */
import { dirname, resolve } from 'node:path'
import type * as z from 'zod'
import { BrokerFile } from './broker-file.ts'
import {
  checkBroker,
  checkLocation,
  checkPrefixes,
  checkProject,
  checkSite,
  checkUnique,
  type KnownIds,
  type Loaded,
  originOf,
} from './checks.ts'
import { toConfiguredProject, toConfiguredSite } from './configured.ts'
import { convertLocation, convertSite, convertTracking } from './convert.ts'
import { describeIssues } from './describe-issues.ts'
import { applyEnvironment, type EnvironmentName } from './environment.ts'
import { isRecord } from './is-record.ts'
import { LocationFile } from './location-file.ts'
import { type ConfigProblem, type ConfigWarning, formatPath } from './problem.ts'
import { ProjectFile } from './project-file.ts'
import { readFolder, readSource } from './read-sources.ts'
import { resolveCredential } from './resolve-credential.ts'
import { type JsonSchema, toJsonSchema } from './schema-keys.ts'
import { SiteFile } from './site-file.ts'
import { type Source, sourceWithoutFile } from './source.ts'
import {
  type Config,
  type ConfigProblems,
  type ConfiguredLocation,
  type ConfiguredProject,
  type ConfiguredSite,
  LOCAL_PROJECT,
} from './types.ts'

export interface LoadOptions {
  /** Default: `PORTOLAN_CONFIG`; without either the defaults hold: open, on loopback, no sites. */
  readonly file?: string | undefined
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
}

interface Part {
  readonly source: Source
  readonly hasRules: boolean
}

const SCHEMAS = {
  broker: toJsonSchema(BrokerFile),
  sites: toJsonSchema(SiteFile),
  locations: toJsonSchema(LocationFile),
  projects: toJsonSchema(ProjectFile),
}
const PARTS = ['sites', 'locations', 'projects'] as const
type PartName = (typeof PARTS)[number]

/** The configuration, or every mistake in it. It never throws for what an operator can write. */
export async function loadConfig(options: LoadOptions): Promise<Config | ConfigProblems> {
  const named = options.file ?? options.env.PORTOLAN_CONFIG
  const file = named === undefined || named === '' ? undefined : resolve(options.cwd, named)
  const read =
    file === undefined ? { source: sourceWithoutFile('defaults', { auth: { mode: 'open' } }), problems: [] } : await readSource(file)
  if (!read.source) return { kind: 'problems', problems: read.problems, warnings: [] }
  return assemble(read.source, file, options)
}

async function assemble(main: Source, file: string | undefined, options: LoadOptions): Promise<Config | ConfigProblems> {
  const problems: ConfigProblem[] = []
  const warnings: ConfigWarning[] = []
  const folder = file === undefined ? options.cwd : dirname(file)

  const environment = applyEnvironment(main.raw ?? {}, options.env, SCHEMAS.broker)
  problems.push(...environment.problems)
  const { root, parts } = splitParts(main, environment.raw)
  const broker = parse(main.part([], root), BrokerFile, SCHEMAS.broker, problems)

  for (const name of PARTS) {
    const dir = isRecord(root) ? root[`${name}Dir`] : undefined
    if (typeof dir !== 'string') continue
    const found = await readFolder(resolve(folder, dir), (message, fix) => main.problem([`${name}Dir`], message, fix))
    problems.push(...found.problems)
    parts[name].push(...found.files)
  }

  const idOf = (source: Source): string | undefined =>
    isRecord(source.raw) && typeof source.raw.id === 'string' ? source.raw.id : undefined
  const idsOf = (name: PartName): string[] => parts[name].flatMap(({ source }) => idOf(source) ?? [])
  const known: KnownIds = { sites: idsOf('sites'), locations: idsOf('locations'), projects: idsOf('projects') }
  const singular = { sites: 'site', locations: 'location', projects: 'project' }
  for (const name of PARTS)
    problems.push(
      ...checkUnique(
        singular[name],
        parts[name].map(({ source }) => source),
        idOf,
      ),
    )

  const collect = (found: { problems: ConfigProblem[]; warnings: ConfigWarning[] }): void => {
    problems.push(...found.problems)
    warnings.push(...found.warnings)
  }
  if (broker) collect(checkBroker({ source: main, file: broker }))
  blameEnvironment(problems, environment.set)
  const tracking = broker?.tracking ?? BrokerFile.parse({}).tracking

  const sites: ConfiguredSite[] = []
  for (const { source, hasRules } of parts.sites) {
    const site = parse(source, SiteFile, SCHEMAS.sites, problems)
    if (!site) continue
    collect(checkSite({ source, file: site }, known, hasRules))
    const credential = site.credential && (await resolveCredential(source, site.credential, options.env, problems))
    sites.push(toConfiguredSite(site, convertSite(site, tracking, hasRules), credential, source.file))
  }
  const locationFiles: Loaded<LocationFile>[] = []
  const locations: ConfiguredLocation[] = []
  for (const { source } of parts.locations) {
    const location = parse(source, LocationFile, SCHEMAS.locations, problems)
    if (!location) continue
    locationFiles.push({ source, file: location })
    collect(checkLocation({ source, file: location }, known))
    const credential = location.credential && (await resolveCredential(source, location.credential, options.env, problems))
    locations.push({ location: convertLocation(location), origin: originOf(location), credential, file: source.file })
  }
  problems.push(...checkPrefixes(locationFiles))
  const projects: ConfiguredProject[] = []
  for (const { source } of parts.projects) {
    const project = parse(source, ProjectFile, SCHEMAS.projects, problems)
    if (!project) continue
    collect(checkProject({ source, file: project }, known))
    projects.push(toConfiguredProject(project, source.file))
  }
  if (!known.projects.includes(LOCAL_PROJECT)) projects.push(toConfiguredProject(ProjectFile.parse({ id: LOCAL_PROJECT }), main.file))

  if (!broker || problems.length > 0 || broker.store.kind !== 'sqlite' || broker.bus.kind !== 'memory' || broker.auth.mode !== 'open') {
    return { kind: 'problems', problems, warnings }
  }
  const { server, limits } = broker
  return {
    kind: 'config',
    ...(file !== undefined && { file }),
    server: { ...server, publicUrl: server.publicUrl?.replace(/\/+$/, '') },
    limits: {
      bodyBytes: Math.floor(limits.bodyMiB * 2 ** 20),
      contentBytes: Math.floor(limits.contentKiB * 2 ** 10),
      inputs: limits.inputs,
      tags: limits.tags,
    },
    tracking: convertTracking(tracking),
    store: { kind: 'sqlite', path: resolve(folder, broker.store.path) },
    bus: { kind: 'memory' },
    keys: { dir: resolve(folder, broker.keys.dir) },
    auth: { mode: 'open' },
    sites,
    locations,
    projects,
    warnings,
  }
}

/** A mistake in a value that the environment has set is named after its variable. */
function blameEnvironment(problems: ConfigProblem[], set: readonly EnvironmentName[]): void {
  for (const [index, problem] of problems.entries()) {
    const variable = set.find(({ path }) => formatPath(path) === problem.path)
    if (variable) problems[index] = { file: 'environment', path: variable.name, message: problem.message, fix: problem.fix }
  }
}

/** The main document without its inline lists, and their entries as documents of their own: a slip in one hides nothing in the others. */
function splitParts(main: Source, raw: unknown): { root: unknown; parts: Record<PartName, Part[]> } {
  const parts: Record<PartName, Part[]> = { sites: [], locations: [], projects: [] }
  if (!isRecord(raw)) return { root: raw, parts }
  const root: Record<string, unknown> = { ...raw }
  for (const name of PARTS) {
    const list = root[name]
    if (!Array.isArray(list)) continue
    parts[name] = list.map((entry: unknown, index) => ({ source: main.part([name, index], entry), hasRules: false }))
    root[name] = []
  }
  return { root, parts }
}

function parse<T extends z.ZodType>(source: Source, schema: T, json: JsonSchema, problems: ConfigProblem[]): z.infer<T> | undefined {
  const parsed = schema.safeParse(source.raw)
  if (parsed.success) return parsed.data
  problems.push(...describeIssues(source, parsed.error.issues, json))
  return undefined
}
