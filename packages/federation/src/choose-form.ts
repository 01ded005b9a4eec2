/**
 * In which form a site gets an input: by the URL that the task names, by that of a replica, by a link that the broker makes, or not at all. One rule
 * for the checks that keep work away from a site and for the document that is sent there.
 *
 * A site reads with credentials of its own what it holds and what lists it in `credentialsAt`; what the broker can make no links for is given to every
 * site as it is, as ever. For the rest a link is made. A link is no way round `readableFrom`, nor round any rule of the data: those are looked at
 * before, for all replicas. A site that asks DRS servers by itself takes whichever way they offer, so all of them must be open to it.
 */
import type { LocationId, SiteId } from './ids.ts'
import type { Location } from './location.ts'
import { isList } from './rules.ts'
import type { Site } from './site.ts'
import type { FormTrouble, InputForm } from './staging.ts'
import { parseUrl } from './url.ts'
import type { LocatedInput, Replica } from './work.ts'

/** A directory is given by one link for each of its files; of more than so many none are made. */
export const MOST_LINKED_FILES = 1000

/** What of a site counts: its rates are bits per ms by location, infinite from what it holds. */
export interface FormSite {
  readonly site: Pick<Site, 'id' | 'name' | 'holds' | 'capabilities'>
  readonly rates: ReadonlyMap<LocationId, number>
  readonly defaultRate: number
}

/** Everything that decides in which form an input goes to whichever site, but its URLs: inputs that agree in it go in the same form. */
export interface FormQuestion {
  /** Of the URL that the task names. */
  readonly scheme: string
  readonly sources: readonly FormSource[]
  /** More files than links are made for. */
  readonly tooMany: boolean
  /** Every site may read the URL that the task names, and the broker makes no links there: nothing but its scheme counts. */
  readonly plain: boolean
}

/** One replica. */
export interface FormSource {
  readonly id: LocationId
  /** Absent: not declared. */
  readonly location: Location | undefined
  readonly scheme: string
  /** Its URL is the one that the task names. */
  readonly own: boolean
  /** The broker, or the DRS server at which it was named, makes links there. */
  readonly linkable: boolean
}

/** `source` counts the replicas from 0. */
export type FormChoice =
  | { readonly kind: 'asIs' }
  | { readonly kind: 'replica' | 'link'; readonly source: number }
  | { readonly kind: 'unreadable'; readonly troubles: readonly FormTrouble[] }

const AS_IS = { kind: 'asIs' } as const

/** The question that an input asks; `scheme` is that of its URL. */
export function askForm(input: LocatedInput, scheme: string, locations: ReadonlyMap<LocationId, Location>): FormQuestion {
  const sources = input.replicas.map((replica): FormSource => {
    const { location: id, url } = replica
    const own = url === input.url
    const source = { id, location: locations.get(id), scheme: own ? scheme : (parseUrl(url)?.scheme ?? ''), own }
    return { ...source, linkable: source.scheme === 'drs' ? isHandedOut(input, replica) : source.location?.links === true }
  })
  return {
    scheme,
    sources,
    tooMany: input.files > MOST_LINKED_FILES && !input.assumed,
    plain:
      scheme !== 'drs' &&
      (sources.length === 0 || sources.some(({ own, location }) => own && !isList(location?.readableFrom) && location?.links !== true)),
  }
}

/** The form in which the site gets what asks so. */
export function chooseForm(at: FormSite, question: FormQuestion): FormChoice {
  const { scheme, sources } = question
  const { inputSchemes } = at.site.capabilities
  if (question.plain && inputSchemes.includes(scheme)) return AS_IS
  const open = sources.filter(source => isOpenTo(at.site.id, source))
  const closed = sources.length > 0 && open.length === 0
  const reach = closed ? sources : open
  const takesLinks = inputSchemes.includes('https')
  const isReached = (source: FormSource): boolean => inputSchemes.includes(source.scheme) || (takesLinks && source.linkable)
  const isElsewhere = scheme === 'drs' ? !closed && open.length === sources.length : !sources.some(({ own }) => own)
  const takesOwn = isElsewhere && inputSchemes.includes(scheme)
  const hasScheme = takesOwn || reach.some(isReached)
  if (closed || !hasScheme) {
    return { kind: 'unreadable', troubles: [...(closed ? ['closed' as const] : []), ...(hasScheme ? [] : ['scheme' as const])] }
  }
  const isNative = (source: FormSource): boolean =>
    source.scheme !== 'drs' && inputSchemes.includes(source.scheme) && readsByItself(at.site, source)
  if (takesOwn || open.some(source => source.own && isNative(source))) return AS_IS
  const native = findNearest(at, open.filter(isNative))
  if (native !== undefined) return { kind: 'replica', source: sources.indexOf(native) }
  const linkable = findNearest(
    at,
    open.filter(({ linkable: isLinked }) => isLinked),
  )
  if (linkable !== undefined && takesLinks && !question.tooMany) return { kind: 'link', source: sources.indexOf(linkable) }
  if (linkable === undefined && scheme === 'drs' && inputSchemes.includes('drs')) return { kind: 'unreadable', troubles: ['mixed'] }
  return { kind: 'unreadable', troubles: [takesLinks ? 'crowded' : 'linkless'] }
}

/** The form of one input, with its URLs. */
export function formOf(input: LocatedInput, choice: FormChoice): InputForm {
  if (choice.kind === 'asIs' || choice.kind === 'unreadable') return choice
  const replica = input.replicas[choice.source]
  if (replica === undefined) return AS_IS
  const { location, url, at } = replica
  return choice.kind === 'link' ? { kind: 'link', url, location, ...(at !== undefined && { at }) } : { kind: 'replica', url, location }
}

function isOpenTo(site: SiteId, { location }: FormSource): boolean {
  return !isList(location?.readableFrom) || location.readableFrom.includes(site)
}

function readsByItself(site: FormSite['site'], { id, location }: FormSource): boolean {
  return location?.links !== true || site.holds.includes(id) || location.credentialsAt?.includes(site.id) === true
}

/** Of files alone, and of one that nobody has asked about yet it is believed: whoever sends the task looks again. */
function isHandedOut({ assumed, directory }: LocatedInput, { link }: Replica): boolean {
  return (assumed || link === true) && directory !== true
}

/** The best rate, and of equal ones the first location by id. */
function findNearest({ rates, defaultRate }: FormSite, sources: readonly FormSource[]): FormSource | undefined {
  const rateOf = ({ id }: FormSource): number => rates.get(id) ?? defaultRate
  let best: FormSource | undefined
  for (const source of sources) {
    if (best === undefined || rateOf(source) > rateOf(best) || (rateOf(source) === rateOf(best) && source.id < best.id)) best = source
  }
  return best
}
