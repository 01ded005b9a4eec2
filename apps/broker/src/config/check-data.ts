/**
 * What the schema cannot see of places: how a location's bytes are had, which paths of engines mean which of its URLs, and which prefixes are a
 * project's alone. Pure; each function answers all mistakes.
 */
import { matchPrefix } from '@portolan/federation'
import { unknownIds } from './check-ids.ts'
import type { ConfigProblem, Path } from './problem.ts'
import { spellingsOf } from './s3-spellings.ts'
import type { Source } from './source.ts'
import { entriesAt, textAt, textsAt, valueAt } from './value-at.ts'

interface KnownIds {
  readonly sites: readonly string[]
  readonly projects: readonly string[]
}

/** Of one location. */
export function checkPlace(source: Source, known: KnownIds): ConfigProblem[] {
  const maps = entriesAt(source.raw, ['pathMaps'])
  return [
    ...unknownIds(source, 'site', known.sites, textsAt(source.raw, ['credentialsAt'])),
    ...maps.flatMap(([, path]) => unknownIds(source, 'project', known.projects, textsAt(source.raw, [...path, 'projects']))),
    ...maps.flatMap(([map, path]) => checkTarget(source, textAt(map, ['to']), [...path, 'to'])),
    ...checkDelivery(source),
    ...checkS3Keys(source),
  ]
}

/** A file that engines name by path must fall under the rules of its location. */
function checkTarget(source: Source, to: string | undefined, path: Path): ConfigProblem[] {
  if (to === undefined) return []
  if (!to.endsWith('/')) return [source.problem(path, 'names one object', 'end it in a slash')]
  const prefixes = entriesAt(source.raw, ['prefixes']).flatMap(([prefix]) => textAt(prefix, ['url']) ?? [])
  if (matchPrefix(to, prefixes) !== undefined) return []
  return [source.problem(path, 'lies below no prefix of this location', 'name a folder below one of its prefixes')]
}

function checkDelivery(source: Source): ConfigProblem[] {
  const path: Path = ['delivery']
  const delivery = textAt(source.raw, path)
  const kind = textAt(source.raw, ['kind'])
  const hasCredential = valueAt(source.raw, ['credential']) !== undefined
  if (delivery === 'direct' && kind === 'http' && hasCredential) {
    const fix = 'use relay: people have no credential there, and a link to an http server holds none'
    return [source.problem(path, 'is direct while the server asks for a credential', fix)]
  }
  const signs = valueAt(source.raw, ['credential', 'kind']) === 's3'
  if ((delivery === 'direct' || delivery === 'relay') && kind === 's3' && !signs) {
    const what = delivery === 'direct' ? 'links' : 'requests'
    return [source.problem(path, `is ${delivery} while there is no credential to sign ${what} with`, 'add one of kind s3, or use none')]
  }
  if (delivery !== undefined && delivery !== 'none' && kind === 'drs') {
    return [source.problem(path, `is ${delivery} while the location is drs`, 'leave it out: no task writes there')]
  }
  return []
}

function checkS3Keys(source: Source): ConfigProblem[] {
  const kind = textAt(source.raw, ['kind'])
  if (kind === undefined || kind === 's3') return []
  return ['addressing', 'checksums'].flatMap(key =>
    valueAt(source.raw, [key]) === undefined ? [] : [source.problem([key], `is of s3 alone, and the location is ${kind}`, 'leave it out')],
  )
}

/** A folder that leads to two places: nobody could say which. */
export function checkPathMaps(locations: readonly Source[]): ConfigProblem[] {
  const first = new Map<string, Source>()
  return locations.flatMap(source =>
    entriesAt(source.raw, ['pathMaps']).flatMap(([map, path]) => {
      const from = textAt(map, ['from'])
      const earlier = from === undefined ? undefined : first.get(from)
      if (from === undefined) return []
      first.set(from, earlier ?? source)
      if (earlier === undefined) return []
      const name = textAt(earlier.raw, ['id']) ?? earlier.file
      return [source.problem([...path, 'from'], `is already mapped by the location "${name}"`, 'map it once')]
    }),
  )
}

const OWN_KEYS = ['results', 'uploads'] as const

/** What a project calls its own lies at a declared location, and within nobody else's. */
export function checkProjectPlaces(projects: readonly Source[], locations: readonly Source[]): ConfigProblem[] {
  const declared = locations.flatMap(({ raw }) => entriesAt(raw, ['prefixes']).flatMap(([prefix]) => textAt(prefix, ['url']) ?? []))
  const inBuckets = locations.flatMap(({ raw }) =>
    entriesAt(raw, ['prefixes']).flatMap(([prefix]) => spellingsOf(textAt(prefix, ['url']) ?? '', textAt(raw, ['endpoint'])).slice(1)),
  )
  const owned = projects.flatMap(source =>
    OWN_KEYS.flatMap(key => {
      const url = textAt(source.raw, [key])
      return url === undefined ? [] : [{ source, key, url }]
    }),
  )
  return owned.flatMap(({ source, key, url }) => {
    const path: Path = [key]
    if (!url.endsWith('/')) return [source.problem(path, 'names one object', 'end it in a slash')]
    if (matchPrefix(url, inBuckets) !== undefined) {
      return [source.problem(path, 'is an address of a bucket at its endpoint, which has others', 'write it as s3://bucket/folder/')]
    }
    if (key === 'uploads' && matchPrefix(url, declared) === undefined) {
      return [source.problem(path, 'lies at no declared location, so nobody can write there', 'declare the location, with its credential')]
    }
    const other = owned.find(one => one.source !== source && one.url.endsWith('/') && matchPrefix(url, [one.url]) !== undefined)
    if (other === undefined) return []
    const name = textAt(other.source.raw, ['id']) ?? other.source.file
    const message = `lies within what the project "${name}" calls its own (${other.key}: ${other.url})`
    return [source.problem(path, message, 'give each project a folder of its own')]
  })
}
