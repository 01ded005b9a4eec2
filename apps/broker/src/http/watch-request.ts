/**
 * What is to be known of a request while it is on its way, to say afterwards what went wrong.
 */
import type { ClientRequest } from 'node:http'
import { ApiError } from '@portolan/ga4gh'
import type { PlainResponse, Request } from 'got'
import { describeFailure } from './describe-failure.ts'

export interface WatchedRequest {
  readonly answer: PlainResponse | undefined
  /** Any failure of the request as an `ApiError`. */
  tell(error: unknown): ApiError
}

export function watchRequest(stream: Request, target: string): WatchedRequest {
  let connected = false
  let left: ApiError | undefined
  let answer: PlainResponse | undefined
  stream.once('request', (request: ClientRequest) => {
    request.once('socket', () => {
      connected = true
    })
    // Nobody speaks it, and without a listener nothing would end the wait before its time.
    request.once('upgrade', (_response, socket) => {
      left = new ApiError('connection_lost', `${target} goes on in another protocol`)
      socket.destroy()
      stream.destroy(left)
    })
  })
  stream.once('response', (response: PlainResponse) => {
    answer = response
  })
  return {
    get answer() {
      return answer
    },
    tell: error => left ?? describeFailure(error, target, connected),
  }
}
