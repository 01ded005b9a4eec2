/**
 * Finds single files of a task at one store: many of one folder by its list, the others one by one, and so what the list does not show: it may be
 * there all the same. Where the list is slow, refused, without times or in no order it makes nothing quicker, and nothing is lost by it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Asking } from './asking.ts'
import { groupByAncestor, keyOf, listAfter, type SizeGroup } from './group-sizes.ts'
import type { ListedPage, ListFrom, ObjectFacts, StoreAnswer } from './object-store.ts'
import { MOST_LISTED } from './store-limits.ts'

export type FoundFile =
  /** `listed`: by a list, which tells no sums. */
  | { readonly outcome: 'found'; readonly value: ObjectFacts; readonly listed: boolean }
  /** `below`: what lies under its name, where a list has shown it. */
  | { readonly outcome: 'missing'; readonly below?: readonly ObjectFacts[] | undefined }
  | Exclude<StoreAnswer<never>, { readonly outcome: 'found' | 'missing' }>

export interface FileSearch {
  readonly asking: Asking
  /** Each once. */
  readonly files: readonly string[]
  /** Whether the list of a folder may be asked for. */
  readonly mayList: (folder: string) => boolean
  /** How long lists are waited for before the files are asked for one by one, ms. */
  readonly patienceMs: number
}

/** Fewer are asked for one by one. */
const FEWEST_TO_LIST = 4
/** A page that tells of fewer costs more than they do one by one. */
const FEWEST_IN_A_PAGE = 16

export async function findFiles({ asking, files, mayList, patienceMs }: FileSearch): Promise<ReadonlyMap<string, FoundFile>> {
  const known: Known = { files: new Map(), below: new Map() }
  const done = new AbortController()
  const signal = AbortSignal.any([asking.deadline, done.signal])
  const lists = Promise.all(groupByAncestor(files, FEWEST_TO_LIST, mayList).map(group => takeLists(asking, group, known, signal)))
  await Promise.race([lists, sleep(patienceMs, undefined, { signal }).catch(() => undefined)])
  await Promise.all(
    files.map(async url => {
      const answer = await asking.headIf(url, () => !known.files.has(url))
      if (answer?.outcome === 'found') known.files.set(url, { ...answer, listed: false })
      else if (answer?.outcome === 'missing') known.files.set(url, { ...answer, below: known.below.get(url) })
      else if (answer) known.files.set(url, answer)
    }),
  )
  done.abort()
  await lists
  return known.files
}

interface Known {
  readonly files: Map<string, FoundFile>
  /** What lies under the name of a file that a list has passed without showing it. */
  readonly below: Map<string, readonly ObjectFacts[]>
}

/** Goes through the list of a folder for as long as it tells enough. */
async function takeLists(asking: Asking, { folder, wanted }: SizeGroup<string>, known: Known, signal: AbortSignal): Promise<void> {
  const reading = createReading(wanted, known)
  const after = listAfter(folder, wanted[0] ?? folder)
  let from: ListFrom | undefined = after === undefined ? undefined : { after }
  do {
    const page = await asking.glanceAt(folder, from, Math.min(MOST_LISTED, 2 * wanted.length), signal)
    if (page.outcome !== 'found') return
    const told = reading.take(page.value)
    if (reading.left() === 0 || told < Math.min(FEWEST_IN_A_PAGE, reading.left())) return
    from = page.value.next === undefined ? undefined : { mark: page.value.next }
  } while (from !== undefined)
}

interface Reading {
  /** Answers of how many of the wanted ones the page has told. */
  take(page: ListedPage): number
  left(): number
}

/** `wanted`: by key, in the order of lists. Of what is passed in the list it is known what lies under its name. */
function createReading(wanted: readonly string[], known: Known): Reading {
  const open = new Map<string, string[]>()
  for (const url of wanted) open.set(keyOf(url), [...(open.get(keyOf(url)) ?? []), url])
  const names = new Map([...open.keys()].map((key): [string, ObjectFacts[]] => [key, []]))
  const inOrder = [...open.keys()]
  let passed = 0
  let last = ''

  function settle(key: string, settleOne: (url: string) => void): void {
    for (const url of open.get(key) ?? []) settleOne(url)
    open.delete(key)
  }

  return {
    left: () => open.size,
    take({ objects, next }) {
      const before = open.size
      for (const object of objects) {
        const key = keyOf(object.url)
        if (object.modifiedAt === undefined || comesBefore(key, last)) return 0
        last = key
        settle(key, url => {
          if (!known.files.has(url)) known.files.set(url, { outcome: 'found', value: { ...object, url }, listed: true })
        })
        for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) names.get(key.slice(0, end))?.push(object)
      }
      for (; passed < inOrder.length; passed += 1) {
        const key = inOrder[passed] ?? ''
        // All that lies under a name comes before the same name with the character that follows the slash.
        if (next !== undefined && comesBefore(last, `${key}0`)) break
        settle(key, url => known.below.set(url, names.get(key) ?? []))
      }
      return before - open.size
    },
  }
}

function comesBefore(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) < 0
}
