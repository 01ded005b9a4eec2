/**
 * What the schema of logins cannot see: whether each can be asked, and whether rules can tell them apart. It looks at the document as it was
 * written, like all checks.
 */
import { pinAuthorities } from '@portolan/identity'
import { hostName } from './convert-issuer.ts'
import { isLoopback } from './loopback.ts'
import type { ConfigProblem, Path } from './problem.ts'
import type { Source } from './source.ts'
import { entriesAt, textAt, textsAt, valueAt } from './value-at.ts'

export function checkIssuers(source: Source): ConfigProblem[] {
  const issuers = entriesAt(source.raw, ['auth', 'issuers'])
  return [
    ...issuers.flatMap(([issuer, at]) => [
      ...checkAddress(source, issuer, at),
      ...checkSecret(source, issuer, at),
      ...checkGroups(source, issuer, at),
      ...checkAuthorities(source, issuer, at),
      ...checkScopes(source, issuer, at),
    ]),
    ...checkTwins(source, issuers, 'issuer', issuer => textAt(issuer, ['issuer']), 'put its rules into one entry'),
    ...checkTwins(
      source,
      issuers,
      'id',
      issuer => textAt(issuer, ['id']) ?? hostName(textAt(issuer, ['issuer'])),
      'give each an id of its own',
    ),
    ...checkPrefixes(source, issuers),
    ...checkOpaque(source, issuers),
  ]
}

type Entries = readonly (readonly [entry: unknown, path: Path])[]

/** Tokens and secrets travel there. */
function checkAddress(source: Source, issuer: unknown, at: Path): ConfigProblem[] {
  const places: Entries = [
    [valueAt(issuer, ['issuer']), [...at, 'issuer']],
    ...entriesAt(issuer, ['endpointOrigins']).map(([one, path]) => [one, [...at, ...path]] as const),
  ]
  return places.flatMap(([address, path]) => {
    const text = typeof address === 'string' ? address : ''
    const url = URL.parse(text)
    if (url === null) return []
    if (url.protocol === 'http:' && !isLoopback(url.hostname))
      return [source.problem(path, 'is http: secrets and tokens would travel in clear', 'use the https address')]
    // A person is written as sub@issuer, and the last @ divides.
    return text.includes('@')
      ? [source.problem(path, 'holds an @', 'ask the login for an issuer without one: people are written as sub@issuer')]
      : []
  })
}

function checkSecret(source: Source, issuer: unknown, at: Path): ConfigProblem[] {
  const introspects = valueAt(issuer, ['opaqueTokens']) === true || valueAt(issuer, ['claimsFrom']) === 'introspection'
  if (!introspects || valueAt(issuer, ['clientSecretRef']) !== undefined) return []
  return [source.problem([...at, 'clientSecretRef'], 'is missing, and introspection needs it', 'add where the client secret is')]
}

function checkGroups(source: Source, issuer: unknown, at: Path): ConfigProblem[] {
  const [claim, prefix] = [textAt(issuer, ['groupsClaim']), textAt(issuer, ['groupPrefix'])]
  if (claim !== undefined && prefix === undefined)
    return [
      source.problem([...at, 'groupPrefix'], 'is missing beside groupsClaim', 'add one, such as `lab:`, by which rules name its groups'),
    ]
  if (claim === undefined && prefix !== undefined)
    return [
      source.problem([...at, 'groupsClaim'], 'is missing beside groupPrefix', 'name the claim that has the groups, or remove groupPrefix'),
    ]
  return /^urn:/i.test(prefix ?? '')
    ? [source.problem([...at, 'groupPrefix'], 'begins with urn:, as entitlements do', 'choose another, such as `lab:`')]
    : []
}

function checkAuthorities(source: Source, issuer: unknown, at: Path): ConfigProblem[] {
  return textsAt(issuer, ['entitlementAuthorities']).flatMap(([authority, path]) => {
    try {
      pinAuthorities([authority])
      return []
    } catch {
      const fix = 'write aai.example.org, or urn:geant:example.org#aai.example.org'
      return [source.problem([...at, ...path], `is no authority: ${authority}`, fix)]
    }
  })
}

function checkScopes(source: Source, issuer: unknown, at: Path): ConfigProblem[] {
  const scopes = textsAt(issuer, ['scopes'])
  if (scopes.length === 0 || scopes.some(([scope]) => scope === 'openid')) return []
  return [source.problem([...at, 'scopes'], 'lacks openid, without which nobody logs in', 'add openid')]
}

function checkTwins(
  source: Source,
  issuers: Entries,
  key: string,
  read: (issuer: unknown) => string | undefined,
  fix: string,
): ConfigProblem[] {
  const seen = new Set<string>()
  return issuers.flatMap(([issuer, at]) => {
    const name = read(issuer)
    if (name === undefined) return []
    if (seen.has(name)) return [source.problem([...at, key], `${name} is there twice`, fix)]
    seen.add(name)
    return []
  })
}

/** A group of one login must never look like that of another. */
function checkPrefixes(source: Source, issuers: Entries): ConfigProblem[] {
  const prefixes = issuers.map(([issuer]) => textAt(issuer, ['groupPrefix']) ?? '')
  return issuers.flatMap(([, at], index) => {
    const own = prefixes[index] ?? ''
    const clash =
      own === ''
        ? undefined
        : prefixes.find((other, place) => place < index && other !== '' && (other.startsWith(own) || own.startsWith(other)))
    return clash === undefined
      ? []
      : [source.problem([...at, 'groupPrefix'], `"${own}" and "${clash}" of another login begin alike`, 'make them differ from the start')]
  })
}

/** An opaque token does not say whose it is. */
function checkOpaque(source: Source, issuers: Entries): ConfigProblem[] {
  return issuers
    .filter(([issuer]) => valueAt(issuer, ['opaqueTokens']) === true)
    .slice(1)
    .map(([, at]) =>
      source.problem(
        [...at, 'opaqueTokens'],
        'is true for another login too, and an opaque token does not say whose it is',
        'set it for one login only',
      ),
    )
}
