/**
 * Where the inputs of a task lay when it was placed, in few bytes: indices of declared locations and prefixes instead of URLs wherever a
 * replica's URL is the input's own below another prefix.
 */
import { byId } from './compile.ts'
import type { LocationId } from './ids.ts'
import type { Location } from './location.ts'
import { readNumbers, writeNumbers } from './numbers.ts'
import type { LocatedInput, Replica } from './work.ts'

export interface PackedInputs {
  readonly numbers: string
  /** URLs and locations that could not be said by an index, in order of use. */
  readonly texts: readonly string[]
}

/** How a replica's URL is said: as it stands, as the input's own, or (from 2 on) by the prefix of its location. */
const AS_TEXT = 0
const AS_INPUT = 1
const BY_PREFIX = 2

/** What is known of an input, as a sum. */
const ASSUMED = 1
const MISSING = 2
/** More follows of each replica: whether its DRS server hands out links there, and where they lead. */
const WAYS = 4
const LINK = 1
const LED = 2

/** Packs the inputs that have a URL; the others are in the document. */
export function packInputs(inputs: readonly LocatedInput[], locations: readonly Location[]): PackedInputs {
  const sorted = locations.toSorted(byId)
  const indices = new Map(sorted.map((location, index) => [location.id, index]))
  const numbers: number[] = []
  const texts: string[] = []
  for (const input of inputs) {
    if (input.url === undefined) continue
    const rest = restOf(input.url, sorted)
    numbers.push(input.bytes, input.files, flagsOf(input), input.replicas.length)
    for (const replica of input.replicas) {
      const index = indices.get(replica.location)
      numbers.push(index === undefined ? 0 : index + 1)
      if (index === undefined) texts.push(replica.location)
      const how = sayUrl(replica, input.url, rest, index === undefined ? undefined : sorted[index])
      numbers.push(how)
      if (how === AS_TEXT) texts.push(replica.url)
      if (!hasWays(input)) continue
      numbers.push((replica.link === true ? LINK : 0) + (replica.at === undefined ? 0 : LED))
      if (replica.at !== undefined) texts.push(replica.at)
    }
  }
  return { numbers: writeNumbers(numbers), texts }
}

/** The inputs again. `named` are the inputs of the task with a URL, in its order. */
export function unpackInputs(
  packed: PackedInputs,
  named: readonly { readonly url: string; readonly path: string }[],
  locations: readonly Location[],
): readonly LocatedInput[] {
  const sorted = locations.toSorted(byId)
  const numbers = readNumbers(packed.numbers).values()
  const texts = packed.texts.values()
  const next = (): number => numbers.next().value ?? 0
  const nextText = (): string => texts.next().value ?? ''
  return named.map(({ url, path }) => {
    const rest = restOf(url, sorted)
    const [bytes, files, flags, count] = [next(), next(), next(), next()]
    const replicas = Array.from({ length: count }, (): Replica => {
      const index = next()
      const location = index === 0 ? undefined : sorted[index - 1]
      const id = location?.id ?? (nextText() as LocationId)
      const how = next()
      const replica = { location: id, url: how === AS_TEXT ? nextText() : how === AS_INPUT ? url : urlBelow(location, how, rest) }
      const ways = (flags & WAYS) > 0 ? next() : 0
      return { ...replica, ...((ways & LED) > 0 && { at: nextText() }), ...((ways & LINK) > 0 && { link: true }) }
    })
    return { url, path, replicas, bytes, files, assumed: (flags & ASSUMED) > 0, ...((flags & MISSING) > 0 && { missing: true }) }
  })
}

function flagsOf(input: LocatedInput): number {
  return (input.assumed ? ASSUMED : 0) + (input.missing === true ? MISSING : 0) + (hasWays(input) ? WAYS : 0)
}

function hasWays({ replicas }: LocatedInput): boolean {
  return replicas.some(({ at, link }) => at !== undefined || link === true)
}

/** What follows the longest declared prefix that the URL begins with. */
function restOf(url: string, locations: readonly Location[]): string | undefined {
  let longest = ''
  for (const { prefixes } of locations)
    for (const prefix of prefixes) if (prefix.url.length > longest.length && url.startsWith(prefix.url)) longest = prefix.url
  return longest === '' ? undefined : url.slice(longest.length)
}

function sayUrl(replica: Replica, url: string, rest: string | undefined, location: Location | undefined): number {
  if (replica.url === url) return AS_INPUT
  if (rest === undefined || location === undefined) return AS_TEXT
  const prefix = location.prefixes.findIndex(declared => replica.url === declared.url + rest)
  return prefix < 0 ? AS_TEXT : BY_PREFIX + prefix
}

function urlBelow(location: Location | undefined, how: number, rest: string | undefined): string {
  return `${location?.prefixes[how - BY_PREFIX]?.url ?? ''}${rest ?? ''}`
}
