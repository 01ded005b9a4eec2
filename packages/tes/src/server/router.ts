/**
 * A TES 1.1 server as an Express 5 router: one route per operation. It judges and reads requests and writes answers exactly as the standard
 * has them; what a task is and where it lives is the business of the handlers.
 */
import express, { type NextFunction, type Request, type RequestHandler, type Response, type Router } from 'express'
import {
  checkTask,
  dropNulls,
  type TaskLimits,
  type TesCancelTaskResponse,
  type TesCreateTaskResponse,
  type TesServiceInfo,
  type TesTask,
  type TesTaskFull,
  type TesTaskMinimal,
  type TesView,
  toBasic,
  toMinimal,
} from '../index.ts'
import { type Answer, fail, type OnError, respond, sendProblem, TesCall } from './answer.ts'
import { isObject, loadContract } from './contract.ts'
import { type Guard, guarded } from './guard.ts'
import { badRequest, HttpProblem } from './http-problem.ts'
import { parseJsonBody } from './json-body.ts'
import { createKeyFilter } from './known-keys.ts'
import { type ListQuery, readListQuery, readView, searchOf } from './query.ts'
import { compileValidators, type Validators } from './validators.ts'

export interface TaskPageAnswer {
  readonly tasks: readonly (TesTaskMinimal | TesTaskFull)[]
  readonly nextPageToken?: string | undefined
}

/** The operations. Each may answer at once or later, with the value or with its JSON text. */
export interface TesHandlers {
  getServiceInfo(call: TesCall): Answer<TesServiceInfo>
  /** More than the view shows may be given; it is cut. In the MINIMAL view `id` and `state` are enough. */
  listTasks(call: TesCall, query: ListQuery): Answer<TaskPageAnswer>
  /** The task is good in shape and meaning, without nulls, unknown keys and fields that only a server sets. */
  createTask(call: TesCall, task: TesTask): Answer<TesCreateTaskResponse>
  /** Undefined: there is no such task that the caller may see. */
  getTask(call: TesCall, args: { readonly id: string; readonly view: TesView }): Answer<TesTaskMinimal | TesTaskFull | undefined>
  /** A task that has ended, or is cancelled already, is no error. Undefined: there is no such task that the caller may see. */
  cancelTask(call: TesCall, args: { readonly id: string }): Answer<TesCancelTaskResponse | undefined>
}

/** As the contract names them. */
export type TesOperation = 'GetServiceInfo' | 'ListTasks' | 'CreateTask' | 'GetTask' | 'CancelTask'

export interface TesRouterOptions {
  /** What goes first on the routes of an operation, before anything of a request but its headers is read: here it is found out who asks. */
  readonly guard?: ((operation: TesOperation) => Guard) | undefined
  /** A larger body is 413. Default 8 MiB. */
  readonly bodyBytes?: number | undefined
  /** Reads the JSON body of a create, for those whom the guard has let in, in place of a reader that knows `bodyBytes` alone. */
  readonly readBody?: RequestHandler | undefined
  readonly limits?: Partial<TaskLimits> | undefined
  /** Hears of each unknown key of a submitted task once. */
  readonly onUnknownKeys?: ((keys: readonly string[]) => void) | undefined
  /** Hears of what becomes a 500. */
  readonly onError?: OnError | undefined
}

const DEFAULT_BODY_BYTES = 8 * 1024 * 1024

export function createTesRouter(handlers: TesHandlers, options: TesRouterOptions = {}): Router {
  const { onError, limits } = options
  const { validators, taskSchema } = readContractOnce()
  const keepKnownKeys = createKeyFilter(taskSchema, options.onUnknownKeys)
  const parseBody = options.readBody ?? parseJsonBody(options.bodyBytes ?? DEFAULT_BODY_BYTES)
  const router = express.Router()
  const guard = (operation: TesOperation, handle: RequestHandler): RequestHandler =>
    options.guard ? guarded(options.guard(operation), handle) : handle

  function getServiceInfo(req: Request, res: Response): void {
    const call = new TesCall(req, res)
    try {
      respond(call, handlers.getServiceInfo(call), JSON.stringify, onError)
    } catch (error) {
      fail(call, error, onError)
    }
  }

  function listTasks(req: Request, res: Response): void {
    const call = new TesCall(req, res)
    try {
      const query = readListQuery(searchOf(req.url), validators)
      if (query instanceof HttpProblem) throw query
      respond(call, handlers.listTasks(call, query), page => writePage(page, query.view), onError)
    } catch (error) {
      fail(call, error, onError)
    }
  }

  function createTask(req: Request, res: Response): void {
    const call = new TesCall(req, res)
    try {
      const task = readTaskBody(req.body)
      if (task instanceof HttpProblem) throw task
      respond(call, handlers.createTask(call, task), writeCreated, onError)
    } catch (error) {
      fail(call, error, onError)
    }
  }

  function readTaskBody(sent: unknown): TesTask | HttpProblem {
    const body = keepKnownKeys(dropNulls(sent))
    if (!validators.isTask(body)) return badRequest(validators.judgeTask(body))
    const problems = checkTask(body, limits)
    return problems.length > 0 ? badRequest(problems) : body
  }

  function getTask(req: Request, res: Response): void {
    const call = new TesCall(req, res)
    try {
      const id = idOf(req)
      const view = readView(searchOf(req.url), id, validators)
      if (view instanceof HttpProblem) throw view
      respond(call, handlers.getTask(call, { id, view }), WRITE_TASK[view], onError)
    } catch (error) {
      fail(call, error, onError)
    }
  }

  function cancelTask(req: Request, res: Response): void {
    const call = new TesCall(req, res)
    try {
      respond(call, handlers.cancelTask(call, { id: idOf(req) }), writeCancelled, onError)
    } catch (error) {
      fail(call, error, onError)
    }
  }

  // The path of TES 1.0 comes first, or it would be read as the task "service-info".
  router.get(['/service-info', '/tasks/service-info'], guard('GetServiceInfo', getServiceInfo))
  router.get('/tasks/:id', guard('GetTask', getTask))
  router.get('/tasks', guard('ListTasks', listTasks))
  router.post('/tasks', guard('CreateTask', requireJson), parseBody, createTask)
  // A cancel has no body worth reading: empty, `null` and `{}` all occur, with and without a content type.
  router.post('/tasks/:id\\:cancel', guard('CancelTask', cancelTask))
  router.delete('/tasks/:id\\:cancel', guard('CancelTask', cancelTask))
  router.all(['/service-info', '/tasks/service-info'], refuseMethod('GET, HEAD'))
  router.all('/tasks/:id\\:cancel', refuseMethod('POST, DELETE'))
  router.all('/tasks/:id', refuseMethod('GET, HEAD'))
  router.all('/tasks', refuseMethod('GET, HEAD, POST'))
  router.use((error: unknown, req: Request, res: Response, _next: NextFunction) => fail(new TesCall(req, res), error, onError))
  return router
}

function idOf({ params }: Request): string {
  return typeof params.id === 'string' ? params.id : ''
}

function requireJson(req: Request, res: Response, next: NextFunction): void {
  if (req.is(['json', '+json'])) next()
  else if (hasBody(req))
    sendProblem(res, new HttpProblem(415, 'The body is not declared as JSON. Send the header Content-Type: application/json.'))
  else sendProblem(res, badRequest([{ path: '', message: 'The body is empty', fix: 'Send the task as one JSON object.' }]))
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function refuseMethod(allow: string) {
  return (req: Request, res: Response, next: NextFunction): void => {
    if (req.method === 'OPTIONS') next()
    else sendProblem(res, new HttpProblem(405, `${req.method} is not allowed here. Use one of ${allow}.`, { headers: { Allow: allow } }))
  }
}

const NO_TASK = new HttpProblem(404, 'There is no such task that you may see.')

type Shown = TesTaskMinimal | TesTaskFull | undefined

const writeMinimal = (task: Shown) => (task ? JSON.stringify(toMinimal(task)) : NO_TASK)
const WRITE_TASK: Record<TesView, (task: Shown) => string | HttpProblem> = {
  MINIMAL: writeMinimal,
  BASIC: task => (task ? JSON.stringify(cut(task, 'BASIC')) : NO_TASK),
  FULL: task => (task ? JSON.stringify(task) : NO_TASK),
}

function writePage({ tasks, nextPageToken }: TaskPageAnswer, view: TesView): string {
  const page = { tasks: tasks.map(task => cut(task, view)), next_page_token: nextPageToken || undefined }
  return JSON.stringify(page)
}

function cut(task: TesTaskMinimal | TesTaskFull, view: TesView): TesTaskMinimal | TesTaskFull {
  if (view === 'MINIMAL') return toMinimal(task)
  return view === 'BASIC' && isWhole(task) ? toBasic(task) : task
}

function isWhole(task: Partial<TesTaskFull>): task is TesTaskFull {
  return 'executors' in task
}

const writeCreated = ({ id }: TesCreateTaskResponse): string => JSON.stringify({ id })
const writeCancelled = (done: TesCancelTaskResponse | undefined): string | HttpProblem => (done ? '{}' : NO_TASK)

let compiled: { validators: Validators; taskSchema: unknown } | undefined

/** The contract is read and compiled once for all routers of a process. */
function readContractOnce() {
  if (!compiled) {
    const contract = loadContract()
    compiled = { validators: compileValidators(contract), taskSchema: taskSchemaOf(contract) }
  }
  return compiled
}

function taskSchemaOf(contract: unknown): unknown {
  const components = isObject(contract) ? contract.components : undefined
  const schemas = isObject(components) ? components.schemas : undefined
  return isObject(schemas) ? schemas.tesTask : undefined
}
