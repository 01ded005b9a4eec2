/**
 * Walks all pages of a site's task list. Never trusts it: a failed page, an entry that is no task, a token that comes again or a list without
 * end make the observation incomplete, and then nothing may be taken as missing. What is kept meanwhile never passes its bounds, within a page
 * neither, for a list may be made to fill the memory; of the tags only those that may be ours are kept.
 */
import type { SiteTaskId } from '@portolan/federation'
import type { TesState } from '@portolan/tes'
import { judgeFailure } from './evidence.ts'
import type { Observation, ObservedTask, SiteFailure } from './gateway.ts'

export interface ListedTask {
  readonly id: string
  readonly state: TesState
  readonly tags?: Readonly<Record<string, string>> | undefined
}

interface ListedPage {
  readonly items: readonly ListedTask[]
  readonly nextPageToken?: string | undefined
  readonly unreadable: number
}

export interface ListBounds {
  readonly pages: number
  readonly tasks: number
  /** Characters of all ids, kept tags and page tokens. */
  readonly characters: number
  readonly ms: number
}

/** Far above what a site that keeps every task for years shows. */
const BOUNDS: ListBounds = { pages: 20_000, tasks: 500_000, characters: 32 * 1024 * 1024, ms: 15 * 60_000 }
/** Longer ids are no ids. */
export const MOST_ID_CHARACTERS = 1_024
const OUR_TAGS = 'portolan.'
const NO_TAGS: Readonly<Record<string, string>> = {}

/** `fetchPage` asks for one page and throws if there is none. A task that is listed twice counts as it was seen last. */
export async function observePages(
  fetchPage: (token: string | undefined) => Promise<ListedPage>,
  bounds: ListBounds = BOUNDS,
): Promise<Observation> {
  const { tasks, keepTask, keepToken } = collect(bounds)
  const begunAt = performance.now()
  let unreadable = 0
  let token: string | undefined

  const end = (failure?: SiteFailure): Observation => ({
    complete: failure === undefined && unreadable === 0,
    tasks: [...tasks.values()],
    ...(failure
      ? { failure }
      : unreadable > 0 && { failure: { kind: 'unreadable', detail: `${unreadable} entries of the list are no tasks` } }),
  })
  const giveUp = (detail: string): Observation => end({ kind: 'unreadable', detail })

  for (let pages = 1; ; pages += 1) {
    let answer: ListedPage
    try {
      answer = await fetchPage(token)
    } catch (error) {
      return end(judgeFailure(error))
    }
    const ids = answer.items.filter(({ id }) => id.length <= MOST_ID_CHARACTERS)
    unreadable += answer.unreadable + answer.items.length - ids.length
    for (const task of ids) {
      const fault = keepTask(task)
      if (fault !== undefined) return giveUp(fault)
    }
    token = answer.nextPageToken
    if (token === undefined) return end()
    const fault = keepToken(token)
    if (fault !== undefined) return giveUp(fault)
    if (pages >= bounds.pages) return giveUp(`the list does not end after ${bounds.pages} pages`)
    if (performance.now() - begunAt > bounds.ms) return giveUp(`the list does not end after ${bounds.ms / 1000} s`)
  }
}

/** What is kept of a list. Each `keep` answers what is wrong with the list if it may not be kept, and then keeps nothing. */
function collect(bounds: ListBounds) {
  const tasks = new Map<string, ObservedTask>()
  const tokens = new Set<string>()
  let characters = 0

  const take = (length: number): string | undefined => {
    if (characters + length > bounds.characters) return `the list has more than ${bounds.characters} characters of ids and tags`
    characters += length
    return undefined
  }
  return {
    tasks,
    keepTask: ({ id, state, tags }: ListedTask): string | undefined => {
      if (tasks.size >= bounds.tasks && !tasks.has(id)) return `the list has more than ${bounds.tasks} tasks`
      const kept = tags && keepOurs(tags)
      const fault = take(id.length + (kept ? lengthOf(kept) : 0))
      if (fault === undefined) tasks.set(id, { siteTaskId: id as SiteTaskId, state, ...(kept && { tags: kept }) })
      return fault
    },
    keepToken: (token: string): string | undefined => {
      if (tokens.has(token)) return 'a page token came twice'
      const fault = take(token.length)
      if (fault === undefined) tokens.add(token)
      return fault
    },
  }
}

function keepOurs(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const ours = Object.entries(tags).filter(([key]) => key.startsWith(OUR_TAGS))
  return ours.length > 0 ? Object.fromEntries(ours) : NO_TAGS
}

function lengthOf(tags: Readonly<Record<string, string>>): number {
  return Object.entries(tags).reduce((sum, [key, value]) => sum + key.length + value.length, 0)
}
