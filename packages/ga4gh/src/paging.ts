/**
 * Walking a paged list. Missing, null and empty tokens all end it; a short or an empty page does not.
 */
import { ApiError } from './errors.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** Give it back to get the next page. Missing on the last one. */
  readonly nextPageToken?: string | undefined
}

export interface Paged<T, P extends Page<T> = Page<T>> extends AsyncIterable<T> {
  /** The same walk, page by page. */
  pages(): AsyncIterable<P>
  /** Everything in one array, or at most `limit` items. */
  toArray(options?: { readonly limit?: number | undefined }): Promise<T[]>
}

const MAX_EMPTY_PAGES = 1_000

/**
 * A lazy walk over all pages; each iteration starts anew. A token that comes a second time, or a thousand empty pages in a row, is a walk
 * that would never end: an `ApiError` with code `unreadable`.
 */
export function paginate<T, P extends Page<T> = Page<T>>(fetchPage: (pageToken: string | undefined) => Promise<P>): Paged<T, P> {
  async function* pages(): AsyncGenerator<P, void, undefined> {
    const seen = new Set<string>()
    let token: string | undefined
    let empty = 0
    do {
      const page = await fetchPage(token)
      yield page
      token = page.nextPageToken || undefined
      empty = page.items.length === 0 ? empty + 1 : 0
      if (token === undefined) return
      if (seen.has(token)) throw new ApiError('unreadable', 'The server gave the same page token twice; the list has no end')
      if (empty >= MAX_EMPTY_PAGES) throw new ApiError('unreadable', `The server gave ${MAX_EMPTY_PAGES} empty pages in a row`)
      seen.add(token)
    } while (token !== undefined)
  }
  async function* items(): AsyncGenerator<T, void, undefined> {
    for await (const page of pages()) yield* page.items
  }
  return {
    [Symbol.asyncIterator]: items,
    pages,
    async toArray({ limit = Number.POSITIVE_INFINITY } = {}) {
      const all: T[] = []
      if (limit <= 0) return all
      for await (const item of items()) {
        all.push(item)
        if (all.length >= limit) break
      }
      return all
    },
  }
}
