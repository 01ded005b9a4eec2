/**
 * Who begins a body and then sends nothing holds what was taken for it, long before the time for a whole request is over: they are cut off with 408.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpProblem } from '@portolan/tes/server'
import { exchangeOf } from './exchange.ts'
import { sendBare } from './send-bare.ts'

/** Begins to watch; whoever has begun ends the timer with the answer. */
export type BodyWatch = (request: IncomingMessage, response: ServerResponse) => NodeJS.Timeout

/** `stillMs`: a body of which nothing comes for so long, twice that at most, is given up. */
export function createBodyWatch(stillMs: number): BodyWatch {
  return (request, response) => {
    let seen = request.socket.bytesRead
    return setInterval(() => {
      const { bytesRead } = request.socket
      if (request.complete || bytesRead > seen) seen = bytesRead
      else cut(request, response)
    }, stillMs)
  }
}

function cut(request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) {
    request.destroy()
    return
  }
  response.once('finish', () => request.destroy())
  sendBare(response, new HttpProblem(408, 'Nothing more of the body has come for too long. Send it again.'), exchangeOf(request).id)
}
