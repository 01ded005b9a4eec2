/**
 * What a fake site does with a request: pure bookkeeping over its tasks, in the words of its personality.
 */
import { isTerminal, parseTask, type TesTaskFull } from '../index.ts'
import { type FakeRequest, type Reply, textOf } from './exchange.ts'
import { cancelFakeTask, createFakeTask, type FakeTask, showFakeTask, stepOn } from './fake-task.ts'
import { type Personality, type Steps, viewOf } from './personality.ts'

/** What a test may turn while the site runs. */
export interface Quirks {
  /** Added to every time the site shows. */
  clockSkewMs: number
  /** A page begins with the last task of the page before. */
  repeatsAcrossPages: boolean
  /** Page tokens are refused with 500. */
  tokensExpired: boolean
  /** A cancelled task says CANCELED and runs to its end. */
  runsOnAfterCancel: boolean
  /** The ids of the next tasks, for instance one that was in use before. */
  readonly nextIds: string[]
}

export interface SiteState {
  readonly personality: Personality
  readonly clock: () => number
  readonly tasks: Map<string, FakeTask>
  readonly quirks: Quirks
  readonly nextId: () => string
  readonly stepsOf: Steps
  /** Does each answer that shows a task move it on? */
  readonly observes: boolean
}

const DEFAULT_PAGE_SIZE = 256

export function carryOut(site: SiteState, request: FakeRequest): Reply {
  switch (request.operation) {
    case 'service-info':
      return ok(SERVICE_INFO)
    case 'create':
      return create(site, request)
    case 'get':
      return get(site, request)
    case 'list':
      return list(site, request)
    case 'cancel':
      return cancel(site, request)
    case 'unknown':
      return refuse(site, request, 404, 'No such path')
  }
}

const SERVICE_INFO = {
  id: 'org.example.fake',
  name: 'A fake site',
  type: { group: 'org.ga4gh', artifact: 'tes', version: '1.1.0' },
  organization: { name: 'Example', url: 'https://example.org' },
  version: '1.0.0',
}

function create(site: SiteState, request: FakeRequest): Reply {
  const { personality, tasks } = site
  let sent: unknown
  try {
    sent = JSON.parse(request.body)
  } catch {
    return refuse(site, request, 400, 'JSON parse error')
  }
  const foreign = personality.refusesKeys?.(Object(sent))
  if (foreign !== undefined) return refuse(site, request, 400, `JSON parse error: Unrecognized field "${foreign}"`)
  const { task, problems } = parseTask(sent)
  if (!task) return refuse(site, request, 400, problems.map(({ path, message }) => `${path}: ${message}`).join('; '))
  const fake = createFakeTask(site.nextId(), task, site.stepsOf(task), site.clock())
  tasks.set(fake.id, fake)
  return ok({ id: fake.id })
}

function get(site: SiteState, request: FakeRequest): Reply {
  const task = site.tasks.get(request.id ?? '')
  if (!task) return refuse(site, request, 404, `Job with ID=${request.id} not found.`)
  const view = viewOf(queryOf(request).get('view'), site.personality)
  if (!view) return refuse(site, request, 400, 'Unknown view')
  const shown = show(site, task)
  return ok(site.personality.show(shown, view))
}

function list(site: SiteState, request: FakeRequest): Reply {
  const { personality, quirks, tasks } = site
  const query = queryOf(request)
  const view = viewOf(query.get('view'), personality)
  if (!view) return refuse(site, request, 400, 'Unknown view')
  const token = query.get('page_token')
  if (token && quirks.tokensExpired) return refuse(site, request, 500, 'Gone')
  const size = Number(query.get('page_size')) || DEFAULT_PAGE_SIZE
  const all = [...tasks.values()].reverse().filter(task => !personality.filters || matches(task, query))
  const after = token ? all.findIndex(task => task.id === token) + 1 : 0
  if (token && after === 0) {
    return personality.strangeToken >= 400
      ? refuse(site, request, personality.strangeToken, 'Bad page token')
      : ok(personality.page([], undefined))
  }
  const start = token && quirks.repeatsAcrossPages ? Math.max(0, after - 1) : after
  const page = all.slice(start, after + size)
  const last = page.at(-1)
  const shown = page.map(task => personality.show(show(site, task), view))
  return ok(personality.page(shown, last && after + size < all.length ? last.id : undefined))
}

function cancel(site: SiteState, request: FakeRequest): Reply {
  const { personality, quirks } = site
  const task = site.tasks.get(request.id ?? '')
  if (!task) return refuse(site, request, 404, `Job with ID=${request.id} not found.`)
  if (isTerminal(task.state)) {
    if (personality.cancelEnded >= 400)
      return refuse(site, request, personality.cancelEnded, `Job with ID=${task.id} has no pods in RUNNING status.`)
  } else cancelFakeTask(task, site.clock(), quirks.runsOnAfterCancel)
  return { status: 200, body: personality.cancelBody }
}

/** The task as it is now; showing it moves it on. */
function show({ quirks, observes, clock }: SiteState, task: FakeTask): TesTaskFull {
  const shown = showFakeTask(task, quirks.clockSkewMs)
  if (observes) stepOn(task, clock())
  return shown
}

function matches({ document, state }: FakeTask, query: URLSearchParams): boolean {
  const prefix = query.get('name_prefix')
  if (prefix && !document.name?.startsWith(prefix)) return false
  const wanted = query.get('state')
  if (wanted && wanted !== 'UNKNOWN' && state !== wanted) return false
  const values = query.getAll('tag_value')
  return query.getAll('tag_key').every((key, index) => {
    const value = document.tags?.[key]
    return value !== undefined && (!values[index] || values[index] === value)
  })
}

const queryOf = ({ url }: FakeRequest): URLSearchParams => new URLSearchParams(url.split('?').slice(1).join('?'))
const ok = (body: unknown): Reply => ({ status: 200, body: textOf(body) })

function refuse({ personality }: SiteState, { url }: FakeRequest, status: number, message: string): Reply {
  return { status, body: textOf(personality.error(status, message, url.split('?', 1)[0] ?? url)) }
}
