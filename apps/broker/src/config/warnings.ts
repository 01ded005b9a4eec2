/**
 * What loads and yet deserves a word: rules that no check can decide yet, values that are not used, secrets that travel in clear.
 */
import type { BrokerFile } from './broker-file.ts'
import type { IssuerFile } from './issuer-file.ts'
import type { LocationFile } from './location-file.ts'
import { isLoopback } from './loopback.ts'
import { isBehindProxy } from './metrics-from.ts'
import type { ConfigWarning, Path } from './problem.ts'
import type { ProjectFile } from './project-file.ts'
import type { SiteFile } from './site-file.ts'
import type { Source } from './source.ts'
import { uncheckedLocationKeys, uncheckedProjectKeys, uncheckedSiteKeys } from './unchecked-keys.ts'
import { valueAt } from './value-at.ts'

export function warnOfBroker(source: Source, { auth, server }: BrokerFile): ConfigWarning[] {
  if (auth.mode !== 'open') {
    const ofIssuers = auth.issuers.flatMap((issuer, index) => warnOfIssuer(source, issuer, ['auth', 'issuers', index]))
    return [...warnOfProxy(source, server), ...warnOfMetrics(source, server), ...ofIssuers]
  }
  const unused: readonly Path[] = [
    ...(auth.issuers.length > 0 ? [['auth', 'issuers']] : []),
    ...[
      ['limits', 'rates'],
      ['limits', 'bodies'],
    ].filter(path => valueAt(source.raw, path) !== undefined),
  ]
  return [...warnOfMetrics(source, server), ...unused.map(path => source.warning(path, 'is not used while auth.mode is open'))]
}

/** TLS ends before us, so something stands there. */
function warnOfProxy(source: Source, { publicUrl, trustProxy }: BrokerFile['server']): ConfigWarning[] {
  if (trustProxy !== false || publicUrl === undefined || new URL(publicUrl).protocol !== 'https:') return []
  const message = 'is false while publicUrl is https: all clients of the proxy before the broker share the limits of one address; name it'
  return [source.warning(['server', 'trustProxy'], message)]
}

function warnOfMetrics(source: Source, { publicUrl, metricsFrom }: BrokerFile['server']): ConfigWarning[] {
  if (!isBehindProxy(publicUrl)) return []
  const at = ['server', 'metricsFrom']
  if (metricsFrom === undefined) {
    return [source.warning(at, `is not written while publicUrl is ${publicUrl}: nobody may read /metrics; name the machine of Prometheus`)]
  }
  const mayCome = metricsFrom.some(address => isLoopback(address.replace(/\/\d+$/, '')))
  const message =
    'names this machine while publicUrl does not: a proxy here that adds no X-Forwarded-For opens /metrics to everybody; let it add the header'
  return mayCome ? [source.warning(at, message)] : []
}

function warnOfIssuer(source: Source, { scopes, claimsFrom, entitlementAuthorities }: IssuerFile, path: Path): ConfigWarning[] {
  const at = [...path, 'scopes']
  const warnings: ConfigWarning[] = []
  if (entitlementAuthorities.length > 0 && claimsFrom === 'userinfo' && !scopes.some(scope => scope.includes('entitlement'))) {
    const message = 'ask for no entitlements (at LS-Login the scope is eduperson_entitlement), by which alone members of groups are known'
    warnings.push(source.warning(at, message))
  }
  if (!scopes.includes('offline_access')) {
    const message =
      'lack offline_access: nobody can be asked about people who are away, so their tokens create nothing once their claims are too old'
    warnings.push(source.warning(at, message))
  }
  return warnings
}

export function warnOfSite(source: Source, file: SiteFile, hasRules: boolean): ConfigWarning[] {
  const warnings = uncheckedSiteKeys(file.policy).map(({ path, message }) => source.warning(path, message))
  if (hasRules) warnings.push(source.warning([], 'has a .cedar file beside it: declared, not yet supported: every task is refused there'))
  if (file.credential?.kind === 'forward_user') {
    const message =
      'passes on the tokens of persons: the site, and whoever gets hold of one there, is that person wherever the token is taken'
    warnings.push(source.warning(['credential', 'kind'], message))
  }
  const url = new URL(file.url)
  if (file.credential !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname))
    warnings.push(source.warning(['url'], 'is http: the credential and all tasks travel in clear'))
  return warnings
}

export function warnOfLocation(source: Source, file: LocationFile): ConfigWarning[] {
  const warnings = uncheckedLocationKeys(file).map(({ path, message }) => source.warning(path, message))
  const asked = whyNotAsked(file)
  if (asked !== undefined) warnings.push(source.warning(...asked))
  const url = URL.parse(file.endpoint ?? '')
  if (file.credential !== undefined && file.kind === 's3' && url?.protocol === 'http:' && !isLoopback(url.hostname))
    warnings.push(source.warning(['endpoint'], 'is http: all data, and links that open it, travel in clear'))
  return warnings
}

/** Where nobody can be asked how large things are. */
function whyNotAsked({ kind, credential }: LocationFile): [Path, string] | undefined {
  if (kind !== 's3' || credential?.kind === 's3') return undefined
  const path = credential === undefined ? ['credential'] : ['credential', 'kind']
  const message = credential === undefined ? 'is missing' : `is ${credential.kind}, and S3 takes a pair of keys`
  return [path, `${message}: nobody is asked there, sizes are assumed, and no links can be made; use kind: s3`]
}

/** `hasLogin`: people log in at this broker. */
export function warnOfProject(source: Source, file: ProjectFile, hasLogin: boolean): ConfigWarning[] {
  const warnings = uncheckedProjectKeys(file).map(({ path, message }) => source.warning(path, message))
  if (hasLogin && file.members.length === 0) warnings.push(source.warning([], 'has no members: nobody can work in it'))
  return warnings
}
