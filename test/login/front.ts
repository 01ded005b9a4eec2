/**
 * The first that a request meets: it is counted, and the faults of its path happen to it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { NextFunction, RequestHandler, Response } from 'express'
import { type Fault, faultAt, type PathFault } from './faults.ts'
import { noticePage } from './pages.ts'

export interface Counter {
  readonly count: RequestHandler
  /** Requests by path, since the start. What differs for each login is a `*`. */
  read(): Readonly<Record<string, number>>
}

export function makeCounter(): Counter {
  const counts = new Map<string, number>()
  return {
    count({ path }, _response, next) {
      const name = path.replace(/^(\/oidc\/authorize|\/oidc\/device|\/interaction)\/.*/, '$1/*')
      counts.set(name, (counts.get(name) ?? 0) + 1)
      next()
    },
    read: () => Object.fromEntries(counts),
  }
}

/** To be mounted at the issuer's path. */
export function sufferFaults(faults: () => readonly Fault[]): RequestHandler {
  return async (request, response, next) => {
    const fault = faultAt(faults(), request.path)
    if (fault === undefined) next()
    else await happen(fault, response, next)
  }
}

async function happen(fault: PathFault, response: Response, next: NextFunction): Promise<void> {
  switch (fault.kind) {
    case 'html':
      response.send(noticePage('Unauthorized environment', 'This is a page where JSON was expected.'))
      return
    case 'status':
      response.status(fault.status).json({ error: 'server_error' })
      return
    case 'hang-up':
      response.destroy()
      return
    case 'slow': {
      const left = new AbortController()
      response.once('close', () => left.abort())
      const waited = await pause(fault.ms, true, { signal: left.signal }).catch(() => false)
      if (waited) next()
    }
  }
}
