/**
 * The form of our own routes: a path, an operation for each method, and 405 with `Allow` for the others. The door goes first on every route.
 * A handler may be async; what it throws goes to the error handler.
 */
import { guarded, HttpProblem } from '@portolan/tes/server'
import type { Request, RequestHandler, Response, Router } from 'express'
import type { Door } from './door.ts'
import { exchangeOf } from './exchange.ts'

export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS'
  readonly path: string
  /** As the contract names it. */
  readonly operation: string
  /** Reads the body, for those that the door has let in. */
  readonly readBody?: RequestHandler | undefined
  /** A GET that changes something, as the way to a login and back does: HEAD is refused there. */
  readonly isAct?: boolean | undefined
  readonly handle: (request: Request, response: Response) => void | Promise<void>
}

const VERBS = { GET: 'get', PUT: 'put', POST: 'post', DELETE: 'delete', OPTIONS: 'options' } as const

/** Adds the routes, and refusals for other methods on their paths. HEAD is answered like GET, without the body, unless it is an act. */
export function addRoutes(router: Router, door: Door, routes: readonly Route[]): void {
  for (const { method, path, operation, readBody, isAct, handle: handleAny } of routes) {
    const handle: Route['handle'] = (request, response) => {
      if (isAct && request.method === 'HEAD') refuse(path)
      const work = handleAny(request, response)
      if (readBody && work) exchangeOf(request).work = work
      return work
    }
    const guard = door.guard(operation)
    if (readBody) router[VERBS[method]](path, guarded(guard, readBody), handle)
    else router[VERBS[method]](path, guarded(guard, handle))
  }
  for (const path of new Set(routes.map(route => route.path))) router.all(path, () => refuse(path))

  function refuse(path: string): never {
    const here = routes.filter(route => route.path === path)
    const allow = here.flatMap(({ method, isAct }) => (method === 'GET' && !isAct ? ['HEAD', method] : [method]))
    throw new HttpProblem(405, `This is offered with ${allow.join(' and ')} alone`, { headers: { Allow: allow.join(', ') } })
  }
}
