/**
 * The documents of a configuration, wherever they stand: the main file as the environment changes it, and each site, location and project, in
 * a folder or in a list of the main file.
 */
import { basename, extname, resolve } from 'node:path'
import { type PinnedAuthority, pinAuthorities } from '@portolan/identity'
import { BrokerFile } from './broker-file.ts'
import type { KnownIds } from './checks.ts'
import { applyEnvironment, type EnvironmentName } from './environment.ts'
import { isRecord } from './is-record.ts'
import type { ConfigProblem } from './problem.ts'
import { readFolder } from './read-sources.ts'
import { toJsonSchema } from './schema-keys.ts'
import type { Source } from './source.ts'
import { entriesAt, textAt, textsAt } from './value-at.ts'

/** A site, a location or a project. */
export interface Part {
  readonly source: Source
  /** True where a `.cedar` file of the same name lies beside it. */
  readonly hasRules: boolean
}

const PARTS = ['sites', 'locations', 'projects'] as const
type Parts = Readonly<Record<(typeof PARTS)[number], readonly Part[]>>

export interface Documents {
  readonly main: Source
  readonly parts: Parts
  readonly known: KnownIds
  /** What the environment has set in the main file. */
  readonly set: readonly EnvironmentName[]
  /** Documents that could not be read, and variables that set nothing. */
  readonly problems: readonly ConfigProblem[]
}

const SCHEMA = toJsonSchema(BrokerFile)

/** `folder`: what the names of folders in the main file are relative to. */
export async function readDocuments(main: Source, folder: string, env: NodeJS.ProcessEnv): Promise<Documents> {
  const { raw, set, problems } = applyEnvironment(main.raw ?? {}, env, SCHEMA)
  const root: Record<string, unknown> | undefined = isRecord(raw) ? { ...raw } : undefined
  const read = { sites: EMPTY, locations: EMPTY, projects: EMPTY }
  for (const name of PARTS) {
    const inline = takeInline(main, root, name)
    const found = await readDeclaredFolder(main, root, name, folder)
    read[name] = { parts: [...inline, ...found.files], problems: found.problems }
  }
  const { sites, locations, projects } = read
  return {
    main: main.part([], root ?? raw),
    parts: { sites: sites.parts, locations: locations.parts, projects: projects.parts },
    known: {
      sites: idsOf(sites),
      locations: idsOf(locations),
      projects: idsOf(projects),
      groupPrefixes: issuersAt(root, 'groupPrefix'),
      ...(textAt(root, ['auth', 'mode']) !== 'open' && { issuers: issuersAt(root, 'issuer'), authorities: authoritiesAt(root) }),
    },
    set,
    problems: [...problems, ...sites.problems, ...locations.problems, ...projects.problems],
  }
}

/** What the declared logins say under a key. */
function issuersAt(root: unknown, key: 'groupPrefix' | 'issuer'): readonly string[] {
  return entriesAt(root, ['auth', 'issuers']).flatMap(([issuer]) => textAt(issuer, [key]) ?? [])
}

/** An entry that is none is the schema's to blame. */
function authoritiesAt(root: unknown): readonly PinnedAuthority[] {
  const entries = entriesAt(root, ['auth', 'issuers']).flatMap(([issuer]) => textsAt(issuer, ['entitlementAuthorities']))
  return entries.flatMap(([entry]) => {
    try {
      return pinAuthorities([entry])
    } catch {
      return []
    }
  })
}

interface ReadParts {
  readonly parts: readonly Part[]
  readonly problems: readonly ConfigProblem[]
}

const EMPTY: ReadParts = { parts: [], problems: [] }

/** Takes a list out of the main file. Its entries are documents of their own: a slip in one hides nothing in the others. */
function takeInline(main: Source, root: Record<string, unknown> | undefined, name: string): readonly Part[] {
  const list = root?.[name]
  if (root === undefined || !Array.isArray(list)) return []
  root[name] = []
  return list.map((entry: unknown, index) => ({ source: main.part([name, index], entry), hasRules: false }))
}

async function readDeclaredFolder(main: Source, root: unknown, name: string, folder: string) {
  const key = `${name}Dir`
  const dir = textAt(root, [key])
  if (dir === undefined || dir === '') return { files: [], problems: [] }
  return readFolder(resolve(folder, dir), (message, fix) => main.problem([key], message, fix))
}

/** A file that cannot be read counts under its name: what names it is not to blame. */
function idsOf({ parts, problems }: ReadParts): readonly string[] {
  return [
    ...parts.flatMap(({ source }) => textAt(source.raw, ['id']) ?? []),
    ...problems.filter(({ path }) => path === '').map(({ file }) => basename(file, extname(file))),
  ]
}
