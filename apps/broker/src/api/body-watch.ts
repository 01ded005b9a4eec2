/**
 * Who begins a body and then sends nothing, or takes too long for all of it, holds what was taken for it: they are cut off with 408. A route that looks
 * after the pace of a body itself is left alone as long as it does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpProblem } from '@portolan/tes/server'
import { exchangeOf } from './exchange.ts'
import { sendBare } from './send-bare.ts'

/** Begins to watch; ends by itself when all of the body is there, and need not be ended before. */
export type BodyWatch = (request: IncomingMessage, response: ServerResponse) => NodeJS.Timeout

export interface BodyPatience {
  /** A body of which nothing comes for so long, twice that at most, is given up. */
  readonly bodyMs: number
  /** So is one that is not whole after so long. */
  readonly requestMs: number
}

export function createBodyWatch({ bodyMs, requestMs }: BodyPatience): BodyWatch {
  const lookMs = Math.min(bodyMs, requestMs)
  return (request, response) => {
    let seen = request.socket.bytesRead
    let stillMs = 0
    let tookMs = 0
    const timer = setInterval(() => {
      if (request.complete || request.socket.destroyed) return clearInterval(timer)
      const { bytesRead } = request.socket
      const { ownPace } = exchangeOf(request)
      stillMs = ownPace || bytesRead > seen ? 0 : stillMs + lookMs
      tookMs = ownPace ? 0 : tookMs + lookMs
      seen = bytesRead
      if (stillMs >= bodyMs) cut(request, response, 'Nothing more of the body has come for too long. Send it again.')
      else if (tookMs >= requestMs) cut(request, response, 'The body has taken too long to come. Send it again.')
    }, lookMs)
    return timer
  }
}

function cut(request: IncomingMessage, response: ServerResponse, detail: string): void {
  if (response.headersSent) {
    request.destroy()
    return
  }
  response.once('finish', () => request.destroy())
  sendBare(response, new HttpProblem(408, detail), exchangeOf(request).id)
}
