/**
 * Writing answers. This is the hot path: three headers, one `end`, no ETag, nothing of Express.
 */
import type { Request, Response } from 'express'
import { describeError } from './describe-error.ts'
import { HttpProblem, toErrorBody } from './http-problem.ts'

/** One request, as a handler sees it. */
export class TesCall {
  readonly req: Request
  readonly res: Response
  #controller: AbortController | undefined

  constructor(req: Request, res: Response) {
    this.req = req
    this.res = res
  }

  /** Aborted when the client hangs up before the answer was written. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      const controller = new AbortController()
      const judge = (): void => {
        if (!this.res.writableFinished) controller.abort()
      }
      if (this.res.closed) judge()
      else this.res.once('close', judge)
      this.#controller = controller
    }
    return this.#controller.signal
  }

  /** The id under which the answer, and an error, name this request. */
  get requestId(): string {
    return requestIdOf(this.res)
  }
}

const boot = Math.floor(Math.random() * 0x7fffffff).toString(36)
let count = 0

/** The value of `X-Request-Id`, which is made and set unless something before the router has set it. */
export function requestIdOf(res: Response): string {
  const given = res.getHeader('X-Request-Id')
  if (typeof given === 'string') return given
  count = (count + 1) % Number.MAX_SAFE_INTEGER
  const id = `${boot}-${count.toString(36)}`
  res.setHeader('X-Request-Id', id)
  return id
}

export function sendJson(res: Response, json: string): void {
  requestIdOf(res)
  res.setHeader('Content-Type', 'application/json')
  res.end(json)
}

export function sendProblem(res: Response, problem: HttpProblem): void {
  // Half an answer is out: only cutting the connection tells the client that it is not whole.
  if (res.headersSent) {
    res.destroy()
    return
  }
  res.statusCode = problem.status
  for (const [name, value] of Object.entries(problem.headers)) res.setHeader(name, value)
  sendJson(res, JSON.stringify(toErrorBody(problem, requestIdOf(res))))
}

/** What a handler may give: the value, its JSON text ready to be sent, or a problem; at once or later. */
export type Answer<T> = Given<T> | Promise<Given<T>>
export type Given<T> = T | string | HttpProblem

/** Told of every error that was not an `HttpProblem`, before the caller gets a 500. */
export type OnError = (error: unknown, call: TesCall) => void

/** Sends the answer of a handler. A string is JSON already; `write` makes the text of anything else. */
export function respond<T>(
  call: TesCall,
  answer: Answer<T>,
  write: (value: T) => string | HttpProblem,
  onError: OnError | undefined,
): void {
  if (!(answer instanceof Promise)) finish(call, answer, write)
  else answer.then(value => finish(call, value, write)).catch((error: unknown) => fail(call, error, onError))
}

function finish<T>(call: TesCall, given: Given<T>, write: (value: T) => string | HttpProblem): void {
  const text = typeof given === 'string' || given instanceof HttpProblem ? given : write(given)
  if (typeof text === 'string') sendJson(call.res, text)
  else sendProblem(call.res, text)
}

export function fail(call: TesCall, error: unknown, onError: OnError | undefined): void {
  const problem = describeError(error)
  if (problem.status >= 500 && problem !== error) onError?.(error, call)
  sendProblem(call.res, problem)
}
