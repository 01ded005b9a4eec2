/**
 * The form of our own routes: a path, an operation for each method, and 405 with `Allow` for the others. A handler may be async; what it throws
 * goes to the error handler.
 */
import { HttpProblem } from '@portolan/tes/server'
import type { Request, Response, Router } from 'express'
import type { Authenticator } from '../auth/authenticate.ts'
import type { Principal } from '../auth/principal.ts'
import { exchangeOf } from './exchange.ts'

export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** As the contract names it. */
  readonly operation: string
  readonly handle: (request: Request, response: Response) => void | Promise<void>
}

const VERBS = { GET: 'get', POST: 'post' } as const

/** Adds the routes, and refusals for other methods on their paths. HEAD is answered like GET, without the body. */
export function addRoutes(router: Router, routes: readonly Route[]): void {
  for (const { method, path, operation, handle } of routes) {
    router[VERBS[method]](path, (request, response) => {
      exchangeOf(request).operation = operation
      return handle(request, response)
    })
  }
  for (const path of new Set(routes.map(route => route.path))) {
    const methods: readonly string[] = routes.filter(route => route.path === path).map(route => route.method)
    const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods
    router.all(path, () => {
      throw new HttpProblem(405, `This is offered with ${allow.join(' and ')} alone`, { headers: { Allow: allow.join(', ') } })
    })
  }
}

/** A handler that knows who asks. */
export function withPrincipal(
  authenticator: Authenticator,
  handle: (principal: Principal, request: Request, response: Response) => void | Promise<void>,
): Route['handle'] {
  return (request, response) => {
    const principal = authenticator.authenticate(request.headers)
    if (principal instanceof Promise) return principal.then(known => handle(known, request, response))
    return handle(principal, request, response)
  }
}
