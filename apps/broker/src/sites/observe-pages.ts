/**
 * Walks all pages of a site's task list. Never trusts it: a failed page, an entry that is no task, a token that comes again or a list without
 * end make the observation incomplete, and then nothing may be taken as missing.
 */
import type { SiteTaskId } from '@portolan/federation'
import type { TesState } from '@portolan/tes'
import { judgeFailure } from './evidence.ts'
import type { Observation, ObservedTask, SiteFailure } from './gateway.ts'

interface ListedTask {
  readonly id: string
  readonly state: TesState
  readonly tags?: Readonly<Record<string, string>> | undefined
}

interface ListedPage {
  readonly items: readonly ListedTask[]
  readonly nextPageToken?: string | undefined
  readonly unreadable: number
}

const MOST_PAGES = 20_000

/** `fetchPage` asks for one page and throws if there is none. A task that is listed twice counts as it was seen last. */
export async function observePages(fetchPage: (token: string | undefined) => Promise<ListedPage>): Promise<Observation> {
  const tasks = new Map<string, ObservedTask>()
  const tokens = new Set<string>()
  let unreadable = 0
  let token: string | undefined

  const end = (failure?: SiteFailure): Observation => ({
    complete: failure === undefined && unreadable === 0,
    tasks: [...tasks.values()],
    ...(failure
      ? { failure }
      : unreadable > 0 && { failure: { kind: 'unreadable', detail: `${unreadable} entries of the list are no tasks` } }),
  })

  for (let page = 0; page < MOST_PAGES; page++) {
    let answer: ListedPage
    try {
      answer = await fetchPage(token)
    } catch (error) {
      return end(judgeFailure(error))
    }
    for (const { id, state, tags } of answer.items) tasks.set(id, { siteTaskId: id as SiteTaskId, state, ...(tags && { tags }) })
    unreadable += answer.unreadable
    token = answer.nextPageToken
    if (token === undefined) return end()
    if (tokens.has(token)) return end({ kind: 'unreadable', detail: 'a page token came twice' })
    tokens.add(token)
  }
  return end({ kind: 'unreadable', detail: `the list does not end after ${MOST_PAGES} pages` })
}
