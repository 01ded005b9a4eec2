/**
 * What every request meets first: the defences of open mode or the token, then the data server or the TES API.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readTarget } from '@portolan/tes/server'
import { refuseInOpenMode } from './auth/open-mode.ts'
import { isSameToken, presentedToken } from './auth/presented-token.ts'
import type { DataDoor } from './data-door.ts'

export interface FrontDoor {
  readonly token: string | undefined
  readonly data?: DataDoor | undefined
  readonly tes: (request: IncomingMessage, response: ServerResponse) => void
}

export function answerRequest(request: IncomingMessage, response: ServerResponse, door: FrontDoor): void {
  const target = readTarget(request)
  if (typeof target !== 'string') {
    refuse(response, target.status, target.message)
    return
  }
  request.url = target
  if (door.token === undefined) {
    const refusal = refuseInOpenMode(request)
    if (refusal) {
      refuse(response, refusal.status, refusal.msg)
      return
    }
  }
  // Its readers have tokens of their own.
  if (door.data?.takes(request, response)) return
  if (door.token !== undefined && !isSameToken(presentedToken(request.headers.authorization), door.token)) {
    response.setHeader('WWW-Authenticate', 'Bearer')
    refuse(response, 401, 'this site answers requests with its token only: send it as bearer or basic password')
    return
  }
  door.tes(request, response)
}

function refuse(response: ServerResponse, status: number, msg: string): void {
  const body = JSON.stringify({ msg, status_code: status })
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
