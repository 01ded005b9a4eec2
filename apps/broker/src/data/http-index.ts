/**
 * Lists what lies below a folder of an HTTP data server, by the JSON index of each folder, in the order of the whole keys, page by page. A page ends
 * where it is full; the next one goes on after the last name, and asks for the folders on the way to it again.
 */
import * as z from 'zod/mini'
import type { HttpAsk } from './http-store.ts'
import type { ListedPage, ListFrom, ObjectFacts, ObjectStore, StoreAnswer } from './object-store.ts'
import { found, unsupported } from './store-failure.ts'
import { MOST_LISTED } from './store-limits.ts'

export interface HttpIndexOptions {
  readonly origin: string
  readonly ask: HttpAsk
  /** As it is sent; undefined for what lies elsewhere. */
  readonly addressOf: (url: string) => string | undefined
}

const MOST_LEVELS = 32
/** In one page. */
const MOST_FOLDERS = 1_000

const FolderIndex = z.object({
  entries: z.array(
    z.object({
      name: z.string().check(z.regex(/^(?!\.{1,2}$)[^/\\]+$/)),
      type: z.enum(['FILE', 'DIRECTORY']),
      size: z.optional(z.int().check(z.nonnegative())),
    }),
  ),
})
type Entry = z.infer<typeof FolderIndex>['entries'][number]

/** What is being put together. */
interface Walk {
  readonly page: ObjectFacts[]
  readonly most: number
  folders: number
}

export function createHttpIndex({ origin, ask, addressOf }: HttpIndexOptions): ObjectStore['list'] {
  const readIndex = (url: string, signal: AbortSignal): Promise<StoreAnswer<readonly Entry[]>> =>
    ask({ method: 'GET', url, headers: { accept: 'application/json' } }, signal, async response => {
      const index = FolderIndex.safeParse(await response.json().catch(() => undefined)).data
      return index ? found(index.entries) : unsupported(`${origin} gives no list of its folders`)
    })

  /** Goes through one folder; `after`: the path below it that the last page ended with. True when the page is full. */
  async function walk(
    url: string,
    after: string | undefined,
    depth: number,
    done: Walk,
    signal: AbortSignal,
  ): Promise<StoreAnswer<boolean>> {
    if (depth > MOST_LEVELS || done.folders >= MOST_FOLDERS) return unsupported(`${url} holds too many folders`)
    done.folders += 1
    const index = await readIndex(url, signal)
    if (index.outcome !== 'found') return depth > 0 && index.outcome === 'missing' ? found(false) : index
    for (const { entry, key } of inOrder(index.value)) {
      const isOnTheWay = entry.type === 'DIRECTORY' && after?.startsWith(key) === true
      if (after !== undefined && key <= after && !isOnTheWay) continue
      const at = `${url}${encodeURIComponent(entry.name)}`
      if (entry.type === 'DIRECTORY') {
        const below = await walk(`${at}/`, isOnTheWay ? after.slice(key.length) : undefined, depth + 1, done, signal)
        if (below.outcome !== 'found' || below.value) return below
      } else if (entry.size === undefined) return unsupported(`${origin} does not say how large files are`)
      else if (done.page.length >= done.most) return found(true)
      else done.page.push({ url: at, bytes: entry.size, digests: [] })
    }
    return found(false)
  }

  return async (below, from, signal, most = MOST_LISTED) => {
    const at = addressOf(below)
    const key = at === undefined ? undefined : from && keyBefore(from, at)
    if (at === undefined || !at.endsWith('/') || (from !== undefined && key === undefined)) {
      return unsupported('it is no URL of a folder at this location')
    }
    const done: Walk = { page: [], most: Math.min(most, MOST_LISTED), folders: 0 }
    const walked = await walk(at, key, 0, done, signal)
    if (walked.outcome !== 'found') return walked
    const last = walked.value ? done.page.at(-1)?.url : undefined
    return found<ListedPage>({ objects: done.page, ...(last !== undefined && { next: keyOf(last.slice(at.length)) }) })
  }

  /** The path below a folder that the page before it ended with. */
  function keyBefore(from: ListFrom, folder: string): string | undefined {
    if ('mark' in from) return from.mark
    const at = addressOf(from.after)
    return at?.startsWith(folder) === true ? keyOf(at.slice(folder.length)) : undefined
  }
}

/** As S3 does: a folder stands where the keys in it stand. */
function inOrder(entries: readonly Entry[]): readonly { readonly entry: Entry; readonly key: string }[] {
  return entries
    .map(entry => ({ entry, key: entry.type === 'DIRECTORY' ? `${entry.name}/` : entry.name }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

function keyOf(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
