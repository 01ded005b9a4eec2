/**
 * What the checks and the cost ask of a work item again and again, found out once for all sites.
 */
import { isAwsS3 } from './aws-s3.ts'
import type { CompiledSnapshot, DeclaredPrefix } from './compile.ts'
import type { LocationId, ProjectId, SiteId } from './ids.ts'
import { type FormClass, InputForms, type PlainInputs } from './input-forms.ts'
import { Grouping, type InputGroup } from './input-groups.ts'
import type { Location } from './location.ts'
import { type ImageName, parseImage } from './match.ts'
import { isOwnedByOther } from './own-places.ts'
import type { Project } from './project.ts'
import { type DeclaredRule, declaredByPrefix, declaredByProject, isList } from './rules.ts'
import { SENSITIVITIES, type Sensitivity, UNDECLARED_SENSITIVITY } from './sensitivity.ts'
import { OUT_OF_SIGHT, type Sight } from './sight.ts'
import { type ParsedUrl, parseUrl } from './url.ts'
import type { LocatedInput, Replica, Work } from './work.ts'

/** What a prefix is called in sentences. */
type NamePrefix = (declared: DeclaredPrefix) => string

/** A location where at least one input lies. */
export interface InputPlace {
  readonly id: LocationId
  /** What it is called in sentences. */
  readonly name: string
  /** Absent: every site can read it. */
  readonly readers: ReadonlySet<SiteId> | undefined
}

export interface ResidencyRule {
  readonly countries: readonly string[]
  /** The declared prefix that says so. */
  readonly prefix: string
  /** False: it binds the site, but not where results go, since the task only writes there. */
  readonly isInput: boolean
}

export interface OutputTarget {
  readonly url: string
  /** The longest declared prefix that covers it, and those that lie inside it if it is a directory. */
  readonly declared: DeclaredPrefix | undefined
  readonly inside: readonly DeclaredPrefix[]
  readonly scheme: string
  readonly readable: boolean
  /** It may be another address of a declared place at AWS. */
  readonly ambiguous: boolean
  /** It lies in a place of another project. */
  readonly foreign: boolean
}

export interface WorkFacts {
  readonly work: Work
  readonly project: Project | undefined
  /** Rules of touched prefixes and of the project that no check can decide yet. */
  readonly undecided: readonly DeclaredRule[]
  readonly images: readonly ImageName[]
  /** By each distinct rule of the snapshot: images that it does not admit, and targets that it does not. */
  readonly imagesDenied: readonly (readonly ImageName[])[]
  readonly targetsDenied: readonly (readonly string[])[]
  readonly groups: readonly InputGroup[]
  readonly places: readonly InputPlace[]
  /** The inputs that could be read somewhere, by what decides in which form a site gets them; without those that are named by path. */
  readonly forms: readonly FormClass[]
  /** Of the others nothing but the scheme counts. */
  readonly plainInputs: ReadonlyMap<string, PlainInputs>
  /** Inputs that a locator was told do not exist, and URLs that can be read in more than one way. */
  readonly missing: readonly LocatedInput[]
  readonly unreadable: readonly LocatedInput[]
  /** URLs of inputs that may be another address of declared data at AWS. */
  readonly ambiguous: readonly string[]
  /** URLs of inputs in places of other projects. */
  readonly foreignInputs: readonly string[]
  /** Bare paths and `file:` URLs of inputs and outputs. */
  readonly filePaths: readonly string[]
  /** Index into SENSITIVITIES of the most sensitive input, and where that comes from. */
  readonly sensitivity: number
  readonly sensitivitySource: string
  /** By country: the residency rules that do not admit it. */
  readonly residencyDenied: ReadonlyMap<string, readonly ResidencyRule[]>
  /** Sentences on results that would leave the countries of their inputs. */
  readonly strayTargets: readonly string[]
  /** Touched input prefixes that only approved work may compute on. */
  readonly computeOnly: readonly string[]
  readonly outputs: readonly OutputTarget[]
  /** Sentences on outputs that no site may write. */
  readonly badTargets: readonly string[]
}

/** Finds out everything that does not depend on a site. With `sight` the sentences name no location out of it. */
export function gatherFacts(compiled: CompiledSnapshot, work: Work, sight?: Sight): WorkFacts {
  const nameOf: NamePrefix = ({ location, prefix }) => (isHidden(sight, location.id) ? `a prefix at ${OUT_OF_SIGHT}` : prefix.url)
  const touched = new Set<DeclaredPrefix>()
  const filePaths: string[] = []
  const unreadable: LocatedInput[] = []
  const grouping = new Grouping()
  const forms = new InputForms(compiled.locations, compiled.chosenPlaces)
  let sensitivity = 0
  let sensitivitySource = 'nothing'
  const raise = (level: number, source: string): void => {
    if (level <= sensitivity) return
    sensitivity = level
    sensitivitySource = source
  }
  for (const input of work.inputs) {
    if (input.url === undefined) continue
    grouping.add(input)
    const parsed = parseUrl(input.url)
    if (parsed === undefined) unreadable.push(input)
    else if (parsed.scheme === 'file') filePaths.push(input.url)
    else forms.add(input, parsed.scheme)
    const prefixes = touchedPrefixes(compiled, input)
    if (!isCovered(compiled, input)) raise(levelOf(UNDECLARED_SENSITIVITY), `${input.url} (under no declared location)`)
    for (const declared of prefixes) {
      touched.add(declared)
      raise(levelOf(declared.prefix.sensitivity), nameOf(declared))
    }
  }
  const outputs = work.outputs.map(output => describeTarget(compiled, output.url, work.project))
  for (const output of outputs) if (output.scheme === 'file') filePaths.push(output.url)
  const project = compiled.projects.get(work.project)
  const images = work.images.map(parseImage)
  const residency = findResidency(touched, outputs, nameOf)
  const places = [...grouping.places.keys()].map(id => ({
    id,
    name: isHidden(sight, id) ? OUT_OF_SIGHT : id,
    readers: compiled.readableFrom.get(id),
  }))
  return {
    work,
    project,
    undecided: findUndecided(project, touched, outputs, nameOf),
    images,
    imagesDenied: compiled.imageRules.map(admits => images.filter(image => !admits(image))),
    targetsDenied: compiled.targetRules.map(admits => work.outputs.map(output => output.url).filter(url => !admits(url))),
    groups: [...grouping.groups.values()],
    places,
    forms: forms.classes,
    plainInputs: forms.plain,
    missing: work.inputs.filter(input => input.missing === true),
    unreadable,
    ambiguous: compiled.guardsAws ? findInputs(work, url => isAmbiguous(compiled, url)) : [],
    foreignInputs: compiled.ownsPlaces ? findInputs(work, url => isOwnedByOther(compiled.owners, url, work.project)) : [],
    filePaths,
    sensitivity,
    sensitivitySource,
    residencyDenied: new Map(
      residency.length === 0
        ? []
        : compiled.countries.map(country => [country, residency.filter(rule => !rule.countries.includes(country))]),
    ),
    strayTargets: residency.filter(rule => rule.isInput).flatMap(rule => findStray(rule, outputs, sight)),
    computeOnly: [...new Set([...touched].filter(({ prefix }) => prefix.access === 'compute').map(nameOf))],
    outputs,
    badTargets: outputs.flatMap(output => findTargetTrouble(output, nameOf)),
  }
}

/** A word that slipped past a loader counts as more sensitive than any place may hold. */
function levelOf(sensitivity: Sensitivity): number {
  const level = SENSITIVITIES.indexOf(sensitivity)
  return level < 0 ? SENSITIVITIES.length : level
}

/** The distinct URLs, as the task names them, of inputs for which something holds by that URL or by that of a replica, or where its bytes lie. */
function findInputs({ inputs }: Work, holds: (url: ParsedUrl) => boolean): readonly string[] {
  const isOne = (url: string | undefined): boolean => {
    const parsed = url === undefined ? undefined : parseUrl(url)
    return parsed !== undefined && holds(parsed)
  }
  const found = inputs.filter(({ url, replicas }) => isOne(url) || replicas.some(replica => isOne(replica.url) || isOne(replica.at)))
  return [...new Set(found.flatMap(({ url, replicas }) => url ?? replicas[0]?.url ?? []))]
}

/** An address at AWS S3 under no declared prefix, while data there is declared: nobody can tell that it does not lead to that. */
function isAmbiguous({ guardsAws, prefixes }: CompiledSnapshot, url: ParsedUrl): boolean {
  return guardsAws && isAwsS3(url.host) && prefixes.find(url) === undefined
}

function findTargetTrouble({ url, declared, inside, readable, ambiguous, foreign }: OutputTarget, nameOf: NamePrefix): readonly string[] {
  if (!readable) return [`${url} is not a URL that has one meaning`]
  if (foreign) return [`${url} belongs to another project`]
  if (ambiguous) return [`${url} may be another address of a declared bucket at AWS; write it as s3://bucket/…`]
  const closed = declared !== undefined && declared.prefix.outputs !== true
  return [
    ...(closed ? [`${url} lies under ${nameOf(declared)}, which takes no outputs`] : []),
    ...inside.filter(({ prefix }) => prefix.outputs !== true).map(one => `${url} holds ${nameOf(one)}, which takes no outputs`),
  ]
}

/** True if a declared prefix covers the whole input, by its own URL or by that of a replica. */
function isCovered({ prefixes }: CompiledSnapshot, input: LocatedInput): boolean {
  const covers = (url: string | undefined): boolean => {
    const parsed = url === undefined ? undefined : parseUrl(url)
    return parsed !== undefined && prefixes.find(parsed) !== undefined
  }
  return covers(input.url) || input.replicas.some(replica => covers(replica.url))
}

/**
 * Every declared prefix that has a say over the input: the longest that covers its URL or that of a replica, and all that lie inside it, since
 * a directory brings them along.
 */
function touchedPrefixes(compiled: CompiledSnapshot, input: LocatedInput): ReadonlySet<DeclaredPrefix> {
  const found = new Set<DeclaredPrefix>()
  addTouched(compiled, input.url, found)
  for (const replica of input.replicas) {
    if (replica.url !== input.url) addTouched(compiled, replica.url, found)
    addTouched(compiled, replica.at, found)
    if (replica.link === true && replica.at === undefined) for (const declared of groundOf(compiled, replica)) found.add(declared)
  }
  return found
}

/** Nobody knows where on the ground of the location the bytes lie: all rules there have a say. A DRS location is no ground. */
function groundOf({ locations, rulesOf }: CompiledSnapshot, { location }: Replica): readonly DeclaredPrefix[] {
  return locations.get(location)?.kind === 'drs' ? [] : (rulesOf.get(location) ?? [])
}

function addTouched(compiled: CompiledSnapshot, url: string | undefined, found: Set<DeclaredPrefix>): void {
  const parsed = url === undefined ? undefined : parseUrl(url)
  if (parsed === undefined) return
  const covering = compiled.prefixes.find(parsed)
  if (covering !== undefined) found.add(covering)
  for (const inside of compiled.prefixes.findInside(parsed)) found.add(inside)
}

function describeTarget(compiled: CompiledSnapshot, url: string, project: ProjectId): OutputTarget {
  const parsed = parseUrl(url)
  if (parsed === undefined) return { url, declared: undefined, inside: [], scheme: '', readable: false, ambiguous: false, foreign: false }
  return {
    url,
    declared: compiled.prefixes.find(parsed),
    inside: compiled.prefixes.findInside(parsed),
    scheme: parsed.scheme,
    readable: true,
    ambiguous: isAmbiguous(compiled, parsed),
    foreign: isOwnedByOther(compiled.owners, parsed, project),
  }
}

function findUndecided(
  project: Project | undefined,
  touched: ReadonlySet<DeclaredPrefix>,
  outputs: readonly OutputTarget[],
  nameOf: NamePrefix,
): readonly DeclaredRule[] {
  const prefixes = new Set(touched)
  for (const output of outputs) for (const declared of prefixesOf(output)) prefixes.add(declared)
  const byPrefix = [...prefixes].flatMap(declared => declaredByPrefix(declared.prefix, nameOf(declared)))
  return [...(project === undefined ? [] : declaredByProject(project)), ...byPrefix]
}

function findResidency(
  touched: ReadonlySet<DeclaredPrefix>,
  outputs: readonly OutputTarget[],
  nameOf: NamePrefix,
): readonly ResidencyRule[] {
  const rules = new Map<DeclaredPrefix, ResidencyRule>()
  const add = (declared: DeclaredPrefix, isInput: boolean): void => {
    const { residency } = declared.prefix
    if (!rules.has(declared) && isList(residency)) rules.set(declared, { countries: residency, prefix: nameOf(declared), isInput })
  }
  for (const declared of touched) add(declared, true)
  for (const output of outputs) for (const declared of prefixesOf(output)) add(declared, false)
  return [...rules.values()]
}

/** Every declared prefix that the target may write under. */
function prefixesOf({ declared, inside }: OutputTarget): readonly DeclaredPrefix[] {
  return declared === undefined ? inside : [declared, ...inside]
}

/** A target under no declared location lies in a country that nobody knows. */
function findStray({ countries, prefix }: ResidencyRule, outputs: readonly OutputTarget[], sight: Sight | undefined): readonly string[] {
  return outputs.flatMap(({ url, declared, inside }) => {
    const places = [declared, ...inside].map(place => place?.location)
    const wrong = places.filter(location => location === undefined || !countries.includes(location.country))
    const outside = new Set(wrong.map(location => nameCountry(location, sight)))
    return [...outside].map(where => `results from ${prefix} must stay in ${countries.join(', ') || 'no country'}; ${url} lies ${where}`)
  })
}

function nameCountry(location: Location | undefined, sight: Sight | undefined): string {
  if (location === undefined) return 'in an unknown country'
  return isHidden(sight, location.id) ? `at ${OUT_OF_SIGHT}` : `in ${location.country}`
}

function isHidden(sight: Sight | undefined, location: LocationId): boolean {
  return sight !== undefined && !sight.locations.has(location)
}
