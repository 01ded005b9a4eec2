/**
 * Looks up the declared outputs of one task at one store: files as files, directories and patterns by what lies below them, each folder once.
 */
import {
  isDeclaredAt,
  type ListedOutput,
  MOST_OUTPUTS,
  type OutputExpectation,
  type OutputLookup,
  type ReportedOutputs,
  whatToList,
} from '@portolan/federation'
import type { Asking } from './asking.ts'
import { type FoundFile, findFiles } from './find-files.ts'
import { type Listed, listed, type Missed, missedOf, unmeasured, whyOf } from './listed-output.ts'
import type { ObjectFacts, ObjectStores, StoreAnswer, StoreFailure } from './object-store.ts'

type Declared = OutputExpectation['declared'][number]

export interface OutputSearch {
  readonly asking: Asking
  /** With their places in the list of all. */
  readonly outputs: Iterable<readonly [at: number, output: Declared]>
  readonly reported: ReportedOutputs
  readonly stores: Pick<ObjectStores, 'at'>
  /** How many objects may still be listed for the task, at all its stores. */
  readonly room: Room
  /** How long lists of many single files are waited for, ms. */
  readonly patienceMs: number
  /** Told of each output, and once more where there is more to tell. */
  readonly tell: (at: number, listed: ListedOutput) => void
  /** All is told but sums, which need not be known. */
  readonly told: () => void
}

export interface Room {
  left: number
}

export function createRoom(): Room {
  return { left: MOST_OUTPUTS }
}

interface Wanted extends OutputLookup {
  readonly at: number
  readonly output: Declared
}

/** `unlisted`: its server has no lists. */
type Folder = Listed | { readonly outcome: 'unlisted' } | { readonly outcome: 'failed'; readonly failure: StoreFailure }

/** What a site reports is looked at one by one where a server lists nothing. */
const MOST_REPORTED = 1_000

export async function lookUpOutputs({ asking, outputs, reported, stores, room, patienceMs, tell, told }: OutputSearch): Promise<void> {
  const { location } = asking
  const headOnce = rememberBy((url: string) => asking.head(url))
  const listOnce = rememberBy((below: string) => listFolder(asking, below, room, headOnce))
  const wanted = [...outputs].map(([at, output]): Wanted => ({ at, output, ...whatToList(output) }))
  const files = [...new Set(wanted.flatMap(({ object }) => object ?? []))]
  const mayList = (folder: string): boolean => stores.at(folder)?.location === location
  const finding = findFiles({ asking, files, mayList, patienceMs })

  async function lookUp(one: Wanted): Promise<ListedOutput> {
    const { object, below } = one
    const file = object === undefined ? undefined : (await finding).get(object)
    if (file?.outcome === 'found') return listed(location, [file.value])
    if (file?.outcome === 'failed') return unmeasured(file.failure, asking.deadline)
    if (file?.outcome === 'missing' && file.below) return listed(location, file.below)
    if (below === undefined) return file ? listed(location, []) : { outcome: 'unmeasured', why: 'an address with a query cannot be listed' }
    const folder = await listOnce(below)
    if (folder.outcome === 'unlisted') return headReported(one)
    return folder.outcome === 'failed' ? unmeasured(folder.failure, asking.deadline) : folder
  }

  /** A server that lists nothing is asked for what the site says is there; of what was declared as a file, and is none, nothing is expected. */
  async function headReported({ output, object }: Wanted): Promise<ListedOutput> {
    const all = reported.below(output.url).map(({ url }) => url)
    const urls = all.filter(url => isDeclaredAt(output, url) && url !== object)
    if (urls.length === 0 && object === undefined) return { outcome: 'unmeasured', why: 'its store lists no directories' }
    const { objects, failures } = await headAll(urls.slice(0, MOST_REPORTED), headOnce)
    const [failure] = failures
    if (failure?.kind === 'auth' && objects.length === 0) return unmeasured(failure, asking.deadline)
    return { ...listed(location, objects), cut: urls.length > MOST_REPORTED, missed: missedOf(failures, asking.deadline) }
  }

  await Promise.all(wanted.map(async one => tell(one.at, await lookUp(one))))
  told()
  const found = await finding
  const sumsOnce = rememberBy((url: string) => asking.headAtLeisure(url))
  await Promise.all(
    wanted.map(async ({ at, object }) => {
      if (object === undefined || !isListed(found.get(object))) return
      const answer = await sumsOnce(object)
      if (answer.outcome === 'found') tell(at, listed(location, [{ ...answer.value, url: object }]))
    }),
  )
}

/** A list tells no sums. */
function isListed(file: FoundFile | undefined): boolean {
  return file?.outcome === 'found' && file.listed
}

type HeadOnce = (url: string) => Promise<StoreAnswer<ObjectFacts>>

async function listFolder(asking: Asking, below: string, room: Room, headOnce: HeadOnce): Promise<Folder> {
  const { location, deadline } = asking
  const objects: ObjectFacts[] = []
  let mark: string | undefined
  let missed: Missed | undefined
  do {
    if (room.left <= 0) return { ...listed(location, objects), cut: true }
    const page = await asking.list(below, mark === undefined ? undefined : { mark })
    if (page.outcome === 'failed') {
      if (objects.length === 0) return page.failure.kind === 'unsupported' && mark === undefined ? { outcome: 'unlisted' } : page
      // What the pages before have told stands.
      missed = { why: whyOf(page.failure.kind, deadline) }
      break
    }
    if (page.outcome !== 'found') break
    objects.push(...page.value.objects)
    room.left -= page.value.objects.length
    mark = page.value.next
  } while (mark !== undefined)
  const [timed, untimed] = [objects.filter(isTimed), objects.filter(one => !isTimed(one))]
  const looked = await headAll(
    untimed.map(({ url }) => url),
    headOnce,
  )
  return { ...listed(location, [...timed, ...looked.objects]), missed: missed ?? missedOf(looked.failures, deadline) }
}

function isTimed({ modifiedAt }: ObjectFacts): boolean {
  return modifiedAt !== undefined
}

interface Looked {
  readonly objects: readonly ObjectFacts[]
  readonly failures: readonly StoreFailure[]
}

async function headAll(urls: readonly string[], headOnce: HeadOnce): Promise<Looked> {
  const objects: ObjectFacts[] = []
  const failures: StoreFailure[] = []
  await Promise.all(
    urls.map(async url => {
      const answer = await headOnce(url)
      if (answer.outcome === 'found') objects.push({ ...answer.value, url })
      if (answer.outcome === 'failed') failures.push(answer.failure)
    }),
  )
  return { objects, failures }
}

function rememberBy<K, T>(ask: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const asked = new Map<K, Promise<T>>()
  return key => {
    const known = asked.get(key) ?? ask(key)
    asked.set(key, known)
    return known
  }
}
