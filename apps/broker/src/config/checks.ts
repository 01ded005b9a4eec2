/**
 * What the schema cannot see: whether the parts fit each other, and whether this version of the broker can do what is asked.
 * A pure function per kind of document; each answers all its mistakes. They look at the document as it was written, so that a slip in one
 * key hides no mistake in another; a value of the wrong shape is the schema's to blame, and passed over here.
 */
import { capabilitiesOf, isAwsS3, type ParsedUrl, parseUrl } from '@portolan/federation'
import { isPinned, type PinnedAuthority, parseMemberLine } from '@portolan/identity'
import { awsHostsOf } from './aws-hosts.ts'
import { checkCredential } from './check-credential.ts'
import { checkPlace } from './check-data.ts'
import { unknownIds } from './check-ids.ts'
import { checkIssuers } from './check-issuers.ts'
import { isLoopback } from './loopback.ts'
import type { ConfigProblem, Path } from './problem.ts'
import { spellingsOf } from './s3-spellings.ts'
import type { Source } from './source.ts'
import { LOCAL_PROJECT } from './types.ts'
import { entriesAt, namesAt, textAt, textsAt, valueAt } from './value-at.ts'

/** The ids that exist, those of documents with mistakes too: one slip makes one message. */
export interface KnownIds {
  readonly sites: readonly string[]
  readonly locations: readonly string[]
  readonly projects: readonly string[]
  /** What the groups of the logins' own begin with. */
  readonly groupPrefixes: readonly string[]
  /** The logins that people come by; absent: nobody logs in. */
  readonly issuers?: readonly string[] | undefined
  /** Whose entitlements count, of all logins; absent: nobody logs in. */
  readonly authorities?: readonly PinnedAuthority[] | undefined
}

/** `source`: the main file as the environment changes it. */
export function checkBroker(source: Source, known: KnownIds): ConfigProblem[] {
  const { raw } = source
  const problems: ConfigProblem[] = []
  if (valueAt(raw, ['store', 'kind']) === 'postgres')
    problems.push(source.problem(['store', 'kind'], 'postgres is not yet supported', 'use kind: sqlite'))
  if (valueAt(raw, ['bus', 'kind']) === 'redis')
    problems.push(source.problem(['bus', 'kind'], 'redis is not yet supported', 'use kind: memory'))
  const mode = valueAt(raw, ['auth', 'mode']) ?? 'required'
  if (mode === 'required') problems.push(...checkRequired(source), ...checkMembers(source, ['auth', 'admins'], known))
  problems.push(...checkIssuers(source))
  const usual = valueAt(raw, ['auth', 'tokens', 'personalDays'])
  const most = valueAt(raw, ['auth', 'tokens', 'personalMaxDays'])
  if (typeof usual === 'number' && typeof most === 'number' && usual > most) {
    const message = `is ${usual}, more than auth.tokens.personalMaxDays, which is ${most}`
    problems.push(source.problem(['auth', 'tokens', 'personalDays'], message, `set it to ${most} or less`))
  }
  const host = textAt(raw, ['server', 'host'])
  if (mode === 'open' && host !== undefined && !isLoopback(host)) {
    const message = `is open while server.host is ${host}: everybody on the network could run commands`
    problems.push(source.problem(['auth', 'mode'], message, 'set server.host to 127.0.0.1'))
  }
  return problems
}

/** Whether people can log in at all, and are sent to an address that is theirs to trust. */
function checkRequired(source: Source): ConfigProblem[] {
  const { raw } = source
  const problems: ConfigProblem[] = []
  const issuers = valueAt(raw, ['auth', 'issuers'])
  if (issuers === undefined || (Array.isArray(issuers) && issuers.length === 0)) {
    const message = 'is required (the default), but auth.issuers names no login, and the broker never falls back to letting everybody in'
    const fix = 'add a login to auth.issuers; for work on one machine write auth: {mode: open} with a loopback server.host'
    problems.push(source.problem(['auth', 'mode'], message, fix))
  }
  const host = textAt(raw, ['server', 'host'])
  const publicUrl = textAt(raw, ['server', 'publicUrl'])
  const url = publicUrl === undefined ? undefined : URL.parse(publicUrl)
  if (publicUrl === undefined && host !== undefined && !isLoopback(host)) {
    const message = `is missing while server.host is ${host}: tokens name it, and logins send people back to it`
    problems.push(source.problem(['server', 'publicUrl'], message, 'write the https address under which people reach the broker'))
  }
  if (url?.protocol === 'http:' && !isLoopback(url.hostname))
    problems.push(
      source.problem(
        ['server', 'publicUrl'],
        'is http: tokens and sessions would travel in clear',
        'put TLS before the broker and write its https address',
      ),
    )
  return problems
}

/** `hasLogin`: people log in at this broker. */
export function checkSite(source: Source, known: KnownIds, hasLogin: boolean): ConfigProblem[] {
  const { raw } = source
  const problems = [
    ...unknownIds(source, 'location', known.locations, textsAt(raw, ['holds'])),
    ...unknownIds(source, 'location', known.locations, namesAt(raw, ['network', 'from'])),
    ...checkCredential(source, textAt(raw, ['url']), hasLogin),
    ...unknownIds(source, 'project', [...new Set([...known.projects, LOCAL_PROJECT])], textsAt(raw, ['policy', 'projects'])),
  ]
  if (valueAt(raw, ['api']) === 'wes')
    problems.push(source.problem(['api'], 'wes is not yet supported', 'remove the site, or use its TES server'))
  const dialect = textAt(raw, ['dialect'])
  if (dialect !== undefined && capabilitiesOf(dialect) === undefined)
    problems.push(source.problem(['dialect'], `${dialect} is not yet supported`, 'use auto or tes-1.1'))
  const sensitivity = textAt(raw, ['maxSensitivity']) ?? 'public'
  if (valueAt(raw, ['credential']) === undefined && sensitivity !== 'public') {
    const message = `is ${sensitivity} while there is no credential: a site without one is open and never gets more than public data`
    problems.push(source.problem(['maxSensitivity'], message, 'add a credential, or set maxSensitivity: public'))
  }
  return problems
}

export function checkLocation(source: Source, known: KnownIds): ConfigProblem[] {
  const { raw } = source
  const kind = textAt(raw, ['kind'])
  const problems = [
    ...unknownIds(source, 'site', known.sites, textsAt(raw, ['readableFrom'])),
    ...checkPlace(source, { sites: known.sites, projects: [...new Set([...known.projects, LOCAL_PROJECT])] }),
    ...checkCredential(source, textAt(raw, ['endpoint']) ?? textAt(raw, ['prefixes', 0, 'url']), true),
  ]
  if (kind === 'posix')
    problems.push(source.problem(['kind'], 'posix is not supported', 'serve the folder by s3 or http, and name it in pathMaps there'))
  if (kind === 'http') problems.push(...checkHttpLocation(source))
  if (kind === 'drs') problems.push(...checkDrsLocation(source))
  if (kind === 's3') problems.push(...checkS3Location(source))
  if (valueAt(raw, ['credential', 'kind']) === 's3' && kind !== undefined && kind !== 's3')
    problems.push(source.problem(['credential', 'kind'], `cannot be s3 while the location is ${kind}`, 'use basic or bearer'))
  return problems
}

/** The origin that a location of kind http or drs is asked at. */
export function originOf(raw: unknown): string | undefined {
  const [kind, endpoint, prefix] = [valueAt(raw, ['kind']), textAt(raw, ['endpoint']), textAt(raw, ['prefixes', 0, 'url'])]
  if (kind !== 'http' && kind !== 'drs') return undefined
  // A DRS server is at https, at the host that its addresses name.
  const address = endpoint ?? (kind === 'drs' ? prefix?.replace(/^drs:/i, 'https:') : prefix)
  return address === undefined ? undefined : URL.parse(address)?.origin
}

/** The URLs of the prefixes of a location, each with its path. */
function prefixUrls(source: Source): readonly (readonly [url: string, path: Path])[] {
  return entriesAt(source.raw, ['prefixes']).flatMap(([prefix, path]) => {
    const url = textAt(prefix, ['url'])
    return url === undefined ? [] : [[url, [...path, 'url']] as const]
  })
}

function checkHttpLocation(source: Source): ConfigProblem[] {
  const origin = originOf(source.raw)
  return prefixUrls(source).flatMap(([url, path]) => {
    const parsed = URL.parse(url)
    if (parsed === null) return []
    if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
      return [source.problem(path, 'is no http or https URL while the location is http', 'write the URL that the data is served at')]
    }
    if (isAwsS3(parsed.hostname)) {
      const fix = 'use kind: s3, endpoint: https://s3.REGION.amazonaws.com and the URL s3://bucket/folder/'
      return [source.problem(path, 'is in a bucket at AWS while the location is http: no rule would be about its s3 URL', fix)]
    }
    if (origin === undefined || parsed.origin === origin) return []
    return [
      source.problem(path, `lies at ${parsed.origin} while the location is at ${origin}`, 'declare a location of its own for that server'),
    ]
  })
}

/** One server: its credential goes to no other. */
function checkDrsLocation(source: Source): ConfigProblem[] {
  const urls = prefixUrls(source)
  const host = (url: string): string | undefined => /^drs:\/\/([^/]+)/i.exec(url)?.[1]?.toLowerCase()
  const first = host(urls[0]?.[0] ?? '')
  return urls.flatMap(([url, path]) => {
    if (host(url) === undefined) {
      return [source.problem(path, 'is no drs URL while the location is drs', 'write drs://HOST/ as the addresses of its objects begin')]
    }
    if (first === undefined || host(url) === first) return []
    return [source.problem(path, `names another host than ${first}`, 'declare a location of its own for that server')]
  })
}

/** A bucket has its rules under its own name; an https address alone would leave the `s3` one without. */
function checkS3Location(source: Source): ConfigProblem[] {
  const prefixes = prefixUrls(source).flatMap(([url, path]) => {
    if (!/^https?:/i.test(url)) return []
    const fix = 'write s3://bucket/folder/ and name the server as endpoint: its https addresses then count too'
    return [source.problem(path, 'is an http or https URL while the location is s3', fix)]
  })
  return [...checkS3Endpoint(source), ...prefixes]
}

/** Without a server whose addresses are known, a task could name the data by one that the rules of the bucket do not reach. */
function checkS3Endpoint(source: Source): ConfigProblem[] {
  const path = ['endpoint']
  if (valueAt(source.raw, path) === undefined) {
    const message = 'is missing while the location is s3: a task could name the data by an https address that no rule is about'
    const fix = 'name the server, such as https://s3.example.org, or https://s3.REGION.amazonaws.com at AWS'
    return [source.problem(path, message, fix)]
  }
  const server = URL.parse(textAt(source.raw, path) ?? '')
  if (server === null || !isAwsS3(server.hostname)) return []
  if (awsHostsOf(server.hostname) !== undefined && server.port === '' && server.pathname === '/') return []
  const fix = 'write https://s3.REGION.amazonaws.com, without port or path: the addresses that its buckets have at AWS then count too'
  return [source.problem(path, `is no S3 server of one AWS region: ${server.host}${server.pathname.replace(/\/$/, '')}`, fix)]
}

export function checkProject(source: Source, known: KnownIds): ConfigProblem[] {
  return [
    ...unknownIds(source, 'site', known.sites, textsAt(source.raw, ['sites'])),
    ...['members', 'reviewers'].flatMap(key => checkMembers(source, [key], known)),
  ]
}

function checkMembers(source: Source, path: Path, known: KnownIds): ConfigProblem[] {
  return textsAt(source.raw, path).flatMap(([entry, at]) => {
    const wrong = findWrongMember(entry, known)
    return wrong === undefined ? [] : [source.problem(at, wrong.says, wrong.fix ?? MEMBER_FIX)]
  })
}

const MEMBER_FIX =
  'write sub@https://the.login/, or the whole entitlement with its authority: urn:geant:example.org:group:lab#aai.example.org'

interface WrongMember {
  readonly says: string
  /** Default: how to write a member. */
  readonly fix?: string
}

/** What nobody could ever be: a slip would shut people out without a word. */
function findWrongMember(entry: string, { groupPrefixes, issuers, authorities }: KnownIds): WrongMember | undefined {
  const parsed = parseMemberLine(entry)
  if (!parsed.ok) return { says: `means nobody: ${parsed.problem} (${entry})` }
  const { line } = parsed
  switch (line.kind) {
    case 'person':
      if (issuers === undefined || issuers.includes(line.person.issuer)) return undefined
      return { says: `is of the login ${line.person.issuer}, which is none of auth.issuers (a slash at the end counts): ${entry}` }
    case 'entitlement': {
      const { authority } = line.entitlement
      if (authorities === undefined || isPinned(line.entitlement, authorities)) return undefined
      return {
        says: `is of the authority ${authority}, which no login of auth.issuers may speak through, so nobody can be meant: ${entry}`,
        fix: `add ${authority} to entitlementAuthorities of the login that speaks for it`,
      }
    }
    case 'group':
      if (groupPrefixes.some(prefix => prefix !== '' && entry.startsWith(prefix))) return undefined
      return { says: `is neither sub@iss, nor an entitlement, nor a group under the groupPrefix of a login: ${entry}` }
  }
}

/** Ids that stand twice; the second one is the mistake. */
export function checkUnique(what: string, sources: readonly Source[]): ConfigProblem[] {
  const first = new Map<string, Source>()
  return sources.flatMap(source => {
    const id = textAt(source.raw, ['id'])
    const earlier = id === undefined ? undefined : first.get(id)
    if (id === undefined) return []
    if (!earlier) {
      first.set(id, source)
      return []
    }
    return [source.problem(['id'], `"${id}" is already the id of another ${what} (${earlier.file})`, 'choose another id')]
  })
}

/** http and https of one host are one place; a slash at the end makes no difference. */
function placeOf({ scheme, host, port, path }: ParsedUrl): string {
  return `${scheme === 'http' ? 'https' : scheme}://${host}:${port ?? ''}${path.replace(/\/+$/, '')}`
}

/** The same prefix in two places, under whichever of its names: nobody could say which rules hold. */
export function checkPrefixes(locations: readonly Source[]): ConfigProblem[] {
  const first = new Map<string, Source>()
  return locations.flatMap(source =>
    prefixUrls(source).flatMap(([url, path]) => {
      const keys = spellingsOf(url, textAt(source.raw, ['endpoint'])).flatMap(spelling => {
        const parsed = parseUrl(spelling)
        return parsed === undefined ? [] : [placeOf(parsed)]
      })
      const earlier = keys.map(key => first.get(key)).find(one => one !== undefined)
      for (const key of keys) if (!first.has(key)) first.set(key, source)
      if (earlier === undefined) return []
      const name = textAt(earlier.raw, ['id']) ?? earlier.file
      return [source.problem(path, `is already declared by the location "${name}"`, 'declare it once, with all its rules')]
    }),
  )
}
