/**
 * Which runner takes an image: the one that the operator named, or with `auto` the first whose probe with this very image ran.
 */
import type { Runner } from './runner.ts'

export type Choice =
  | { readonly runner: Runner; readonly refused: readonly string[] }
  | { readonly runner?: undefined; readonly refused: readonly string[] }

/** Rejects only when the signal is aborted. */
export type ChooseRunner = (image: string, signal: AbortSignal) => Promise<Choice>

/** A look for a runner that several tasks wait for. It goes on as long as one of them does. */
interface Search {
  readonly choice: Promise<Choice>
  readonly gone: AbortController
  waiting: number
}

/**
 * Tries the runners in their order, once for all tasks that ask at the same time. A choice is remembered per image; a refusal is not, because an
 * image may arrive later.
 */
export function createChooser(runners: readonly Runner[]): ChooseRunner {
  const chosen = new Map<string, Choice>()
  const searches = new Map<string, Search>()

  function startSearch(image: string): Search {
    const gone = new AbortController()
    const search: Search = { choice: tryAll(runners, image, gone.signal), gone, waiting: 0 }
    searches.set(image, search)
    const forget = (): void => {
      if (searches.get(image) === search) searches.delete(image)
    }
    search.choice.then(choice => {
      if (choice.runner) chosen.set(image, choice)
      forget()
    }, forget)
    gone.signal.addEventListener('abort', forget)
    return search
  }

  return async (image, signal) => {
    signal.throwIfAborted()
    const known = chosen.get(image)
    if (known) return known
    const search = searches.get(image) ?? startSearch(image)
    search.waiting++
    const left = Promise.withResolvers<never>()
    const leave = (): void => left.reject(signal.reason)
    signal.addEventListener('abort', leave)
    try {
      return await Promise.race([search.choice, left.promise])
    } finally {
      signal.removeEventListener('abort', leave)
      if (--search.waiting === 0) search.gone.abort()
    }
  }
}

async function tryAll(runners: readonly Runner[], image: string, signal: AbortSignal): Promise<Choice> {
  const refused: string[] = []
  for (const runner of runners) {
    const reason = await runner.probe(image, signal)
    signal.throwIfAborted()
    if (reason === undefined) return { runner, refused }
    refused.push(reason)
  }
  return { refused }
}
