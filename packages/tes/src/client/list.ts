/**
 * Lists: the query of one page, and a second look at its filters, since several servers ignore them without a word.
 */
import type { Page } from '@portolan/ga4gh'
import { ApiError, type Query, type Transport } from '@portolan/ga4gh'
import { type ReadTask, readMinimal, readTask, readTaskList, type TesState, type TesView } from '../index.ts'
import type { ReadByView } from './views.ts'

export interface ListFilter {
  readonly namePrefix?: string | undefined
  readonly state?: TesState | undefined
  /** Tags a task must carry. An empty value takes any value. */
  readonly tags?: Readonly<Record<string, string>> | undefined
}

export interface ListOptions<V extends TesView = TesView> extends ListFilter {
  /** Default MINIMAL. */
  readonly view?: V | undefined
  /** 1 to 2047; left out, the server's own. */
  readonly pageSize?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
}

export interface PageOptions<V extends TesView = TesView> extends ListOptions<V> {
  readonly pageToken?: string | undefined
}

export interface TaskPage<T> extends Page<T> {
  /** Entries of the page that were no tasks. If there are any, a task may be missing from `items`. */
  readonly unreadable: number
  /** How long the answer was, in characters: where that is too much at a time, ask for fewer. */
  readonly characters: number
}

export async function fetchPage(transport: Transport, options: PageOptions): Promise<TaskPage<ReadByView[TesView]>> {
  const view = options.view ?? 'MINIMAL'
  const { signal, timeoutMs } = options
  const answer = await transport.request({ method: 'GET', path: 'tasks', query: buildQuery(view, options), signal, timeoutMs })
  const list = readTaskList<ReadByView[TesView]>(answer.json(), view === 'MINIMAL' ? readMinimal : readTask)
  if (!list) {
    const details = { status: answer.status, requestId: answer.requestId }
    throw new ApiError('unreadable', `GET ${transport.baseUrl.href}/tasks answered with something that is not a list of tasks`, details)
  }
  const { tasks, nextPageToken, unreadable } = list
  return { items: tasks.filter(task => mayMatch(task, options)), nextPageToken, unreadable, characters: answer.text.length }
}

function buildQuery(view: TesView, { namePrefix, state, tags, pageSize, pageToken }: PageOptions): Query {
  const pairs = Object.entries(tags ?? {})
  return {
    view,
    page_size: pageSize,
    page_token: pageToken,
    name_prefix: namePrefix,
    state,
    tag_key: pairs.map(([key]) => key),
    tag_value: pairs.map(([, value]) => value),
  }
}

/** False if what the task shows of itself contradicts the filter. What a view leaves out contradicts nothing. */
function mayMatch(task: { state: TesState } & Partial<Pick<ReadTask, 'name' | 'tags'>>, { state, namePrefix, tags }: ListFilter): boolean {
  if (state !== undefined && state !== 'UNKNOWN' && task.state !== state) return false
  if (namePrefix && task.name !== undefined && !task.name.startsWith(namePrefix)) return false
  const shown = task.tags
  if (!shown) return true
  return Object.entries(tags ?? {}).every(([key, value]) => (value === '' ? Object.hasOwn(shown, key) : shown[key] === value))
}
