/**
 * An error without Express, for what ends before the router or beside it.
 */
import type { ServerResponse } from 'node:http'
import { type HttpProblem, toErrorBody } from '@portolan/tes/server'

/** What is left of the body is not read, so the connection cannot be used again. */
export function sendBare(response: ServerResponse, problem: HttpProblem, requestId: string): void {
  response.shouldKeepAlive = false
  response.writeHead(problem.status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(toErrorBody(problem, requestId)))
}
