/**
 * A client for any TES server, 1.0 or 1.1. It reads leniently, writes strictly, sends a POST once and never again, and tells by the
 * `delivery` of an `ApiError` whether a request surely was not carried out.
 */
import {
  ApiError,
  createTransport,
  describeProblems,
  type Paged,
  paginate,
  pathSegment,
  pause,
  type Transport,
  type TransportOptions,
} from '@portolan/ga4gh'
import {
  checkTask,
  dropNulls,
  type ReadServiceInfo,
  readCreated,
  readMinimal,
  readServiceInfo,
  readTask,
  type TesTask,
  type TesView,
} from '../index.ts'
import { fetchPage, type ListOptions, type PageOptions, type TaskPage } from './list.ts'
import type { ReadByView } from './views.ts'
import { createWaiter, type WaitOptions } from './wait.ts'

export interface TesClientOptions extends Omit<TransportOptions, 'baseUrl'> {
  /** The base to which `/tasks` is appended, for instance `https://host/ga4gh/tes/v1`. See `discover` if it is not known. */
  readonly url: string | URL
  /** Between two looks of `waitForTask`. Default 2,000. */
  readonly pollIntervalMs?: number | undefined
  /** How the client waits between two looks. Default: a timer. */
  readonly pause?: ((ms: number) => Promise<void>) | undefined
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
}

export interface CreateOptions extends CallOptions {
  /** Sent as `Idempotency-Key`; servers that know it make one task of several equal requests. */
  readonly idempotencyKey?: string | undefined
  /** False sends the task without `checkTask`. Default true. */
  readonly check?: boolean | undefined
}

export interface GetOptions<V extends TesView> extends CallOptions {
  readonly view: V
}

export interface TesClient {
  readonly url: URL
  /**
   * Submits a task, once. Nulls are dropped; a task that `checkTask` refuses is not sent (`bad_request`, `not_sent`).
   * With `delivery: 'unknown'` the server may have the task: look for it before submitting again.
   */
  createTask(task: TesTask, options?: CreateOptions): Promise<{ id: string }>
  /** One task; the view, MINIMAL if left out, decides the type. An unknown id is an `ApiError` with code `not_found`. */
  getTask(id: string, options?: CallOptions): Promise<ReadByView['MINIMAL']>
  getTask<V extends TesView>(id: string, options: GetOptions<V>): Promise<ReadByView[V]>
  /** All tasks, page after page while you iterate. */
  listTasks(options?: Omit<ListOptions, 'view'>): Paged<ReadByView['MINIMAL'], TaskPage<ReadByView['MINIMAL']>>
  listTasks<V extends TesView>(options: ListOptions<V> & { readonly view: V }): Paged<ReadByView[V], TaskPage<ReadByView[V]>>
  /** One page. */
  listPage(options?: Omit<PageOptions, 'view'>): Promise<TaskPage<ReadByView['MINIMAL']>>
  listPage<V extends TesView>(options: PageOptions<V> & { readonly view: V }): Promise<TaskPage<ReadByView[V]>>
  /** Asks the server to cancel. The state follows later; a server may refuse for a task that has ended. */
  cancelTask(id: string, options?: CallOptions): Promise<void>
  /** What the server says of itself; also at the path of TES 1.0. */
  getServiceInfo(options?: CallOptions): Promise<ReadServiceInfo>
  /** Resolves with the FULL task, or the view asked for, once its state is final. All waits of a client share one look per interval. */
  waitForTask(id: string, options?: WaitOptions): Promise<ReadByView['FULL']>
  waitForTask<V extends TesView>(id: string, options: WaitOptions & { readonly view: V }): Promise<ReadByView[V]>
  /** The same for several, in the order of the ids. The first that fails ends all. */
  waitForTasks(ids: readonly string[], options?: WaitOptions): Promise<ReadByView['FULL'][]>
  waitForTasks<V extends TesView>(ids: readonly string[], options: WaitOptions & { readonly view: V }): Promise<ReadByView[V][]>
}

const DEFAULT_POLL_INTERVAL_MS = 2_000

export function createTesClient({
  url,
  pollIntervalMs = DEFAULT_POLL_INTERVAL_MS,
  pause: wait = pause,
  ...options
}: TesClientOptions): TesClient {
  const transport = createTransport({ ...options, baseUrl: url })
  const waiter = createWaiter(
    { getState: async id => (await getOne(transport, id, 'MINIMAL', {})).state, pages: () => listAll({ pageSize: 2_047 }).pages() },
    pollIntervalMs,
    wait,
  )

  const listAll = (list: ListOptions) =>
    paginate<ReadByView[TesView], TaskPage<ReadByView[TesView]>>(pageToken => fetchPage(transport, { ...list, pageToken }))

  function waitForTask(id: string, options?: WaitOptions): Promise<ReadByView['FULL']>
  function waitForTask<V extends TesView>(id: string, options: WaitOptions & { readonly view: V }): Promise<ReadByView[V]>
  async function waitForTask(
    id: string,
    { view = 'FULL', ...options }: WaitOptions & { view?: TesView } = {},
  ): Promise<ReadByView[TesView]> {
    await waiter.wait(id, options)
    return await getOne(transport, id, view, { signal: options.signal })
  }

  function waitForTasks(ids: readonly string[], options?: WaitOptions): Promise<ReadByView['FULL'][]>
  function waitForTasks<V extends TesView>(ids: readonly string[], options: WaitOptions & { readonly view: V }): Promise<ReadByView[V][]>
  async function waitForTasks(
    ids: readonly string[],
    { view = 'FULL', ...options }: WaitOptions & { view?: TesView } = {},
  ): Promise<ReadByView[TesView][]> {
    // When one wait fails nobody listens to the others any more.
    const rest = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, rest.signal]) : rest.signal
    try {
      return await Promise.all(ids.map(id => waitForTask(id, { ...options, view, signal })))
    } catch (error) {
      rest.abort(error)
      throw error
    }
  }

  function getTask(id: string, call?: CallOptions): Promise<ReadByView['MINIMAL']>
  function getTask<V extends TesView>(id: string, call: GetOptions<V>): Promise<ReadByView[V]>
  function getTask(id: string, { view = 'MINIMAL', ...call }: CallOptions & { view?: TesView } = {}): Promise<ReadByView[TesView]> {
    return getOne(transport, id, view, call)
  }

  function listTasks(list?: Omit<ListOptions, 'view'>): Paged<ReadByView['MINIMAL'], TaskPage<ReadByView['MINIMAL']>>
  function listTasks<V extends TesView>(list: ListOptions<V> & { readonly view: V }): Paged<ReadByView[V], TaskPage<ReadByView[V]>>
  function listTasks(list: ListOptions = {}): Paged<ReadByView[TesView], TaskPage<ReadByView[TesView]>> {
    return listAll(list)
  }

  function listPage(page?: Omit<PageOptions, 'view'>): Promise<TaskPage<ReadByView['MINIMAL']>>
  function listPage<V extends TesView>(page: PageOptions<V> & { readonly view: V }): Promise<TaskPage<ReadByView[V]>>
  function listPage(page: PageOptions = {}): Promise<TaskPage<ReadByView[TesView]>> {
    return fetchPage(transport, page)
  }

  return {
    url: transport.baseUrl,
    createTask: (task, create = {}) => createOne(transport, task, create),
    getTask,
    listTasks,
    listPage,
    async cancelTask(id, call = {}) {
      await transport.request({ ...call, method: 'POST', path: `tasks/${pathSegment(id)}:cancel` })
    },
    getServiceInfo: (call = {}) => getInfo(transport, call),
    waitForTask,
    waitForTasks,
  }
}

async function createOne(
  transport: Transport,
  task: TesTask,
  { idempotencyKey, check = true, ...call }: CreateOptions,
): Promise<{ id: string }> {
  const body = dropNulls(task)
  const problems = check ? checkTask(body, { contentBytes: Number.POSITIVE_INFINITY, outputNames: true }) : []
  if (problems.length > 0) {
    throw new ApiError('bad_request', `The task was not sent: ${describeProblems(problems)}`, { delivery: 'not_sent', problems })
  }
  const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }
  const answer = await transport.request({ ...call, method: 'POST', path: 'tasks', body, headers })
  const id = readCreated(answer.json())
  if (id === undefined) throw unreadable(answer, 'to the new task without an id')
  return { id }
}

async function getOne<V extends TesView>(transport: Transport, id: string, view: V, call: CallOptions): Promise<ReadByView[V]>
async function getOne(transport: Transport, id: string, view: TesView, call: CallOptions): Promise<ReadByView[TesView]> {
  const answer = await transport.request({ ...call, method: 'GET', path: `tasks/${pathSegment(id)}`, query: { view } })
  const task = view === 'MINIMAL' ? readMinimal(answer.json()) : readTask(answer.json())
  if (task?.id !== id) throw unreadable(answer, `with something that is not task ${id}`)
  return task
}

async function getInfo(transport: Transport, call: CallOptions): Promise<ReadServiceInfo> {
  const ask = (path: string) => transport.request({ ...call, method: 'GET', path })
  const answer = await ask('service-info').catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'not_found') return ask('tasks/service-info')
    throw error
  })
  const info = readServiceInfo(answer.json())
  if (!info) throw unreadable(answer, 'with something that is not its service-info')
  return info
}

function unreadable({ status, requestId }: { status: number; requestId: string | undefined }, words: string): ApiError {
  return new ApiError('unreadable', `The server answered ${words}`, { status, requestId })
}
