/**
 * Reading JSON bodies of those whom the door has let in, with so many bytes under way at once. A small body costs nothing more than before; of a large one
 * the announced bytes are taken from the budget before it is read, of one that announces nothing what comes. What is taken is given back with the answer.
 * What is dear is done one at a time for each person, from the parsing of its body on: until then it waits as the bytes that it came as.
 */
import { collectBody, parseCollected, sendProblem } from '@portolan/tes/server'
import type { Request, RequestHandler, Response } from 'express'
import type { BodyBudget, BodyShare } from '../auth/limits/body-budget.ts'
import type { DearTurns } from '../auth/limits/dear-turns.ts'
import { exchangeOf, principalOf } from './exchange.ts'
import { Refusal } from './refusal.ts'

/** As much as a connection holds in its buffers anyway. */
const SMALL_BYTES = 64 * 1024
/** From here on a body is dear: to judge it takes about a millisecond, or for a dry run, which also places it, a few. */
const DEAR_BYTES = { create: 16 * 1024, dryRun: 4 * 1024 } as const

/** `isCreate`: what is refused is 429, as creates beyond a limit are, and else 503. */
export type BodyReader = (isCreate: boolean) => RequestHandler

/** `bodyBytes`: a larger body is 413. `turns`: of what is dear; absent: nobody waits. */
export function createBodyReader(bodyBytes: number, budget: BodyBudget, turns: DearTurns | undefined): BodyReader {
  const collect = collectBody(bodyBytes)
  return isCreate => (request, response, next) => {
    const announced = announcedBytes(request)
    const isSmall = announced !== undefined && announced <= SMALL_BYTES
    const isTooLarge = announced !== undefined && announced > bodyBytes
    // Who has hung up gives nothing back.
    if (!isSmall && !isTooLarge && !response.closed) {
      const share = budget.open(principalOf(request))
      response.once('close', () => share.end())
      if (announced === undefined) watch(request, response, share, isCreate)
      else if (!share.add(announced)) throw tooMuch(request, isCreate)
    }
    collect(request, response, error => {
      if (error !== undefined) return next(error)
      const { body }: { body?: unknown } = request
      const bytes = Buffer.isBuffer(body) ? body.length : 0
      const isDear = turns !== undefined && bytes > (isCreate ? DEAR_BYTES.create : DEAR_BYTES.dryRun)
      const parse = (): void => void parseCollected(request, response, next)
      if (isDear) waitForTurn(turns, request, response, isCreate).then(isTheirs => isTheirs && parse(), next)
      else parse()
    })
  }
}

/** False: who sent it has hung up. A turn ends when the answer is out, and not before the work for it is done: who hangs up gains no time by it. */
async function waitForTurn(turns: DearTurns, request: Request, response: Response, isCreate: boolean): Promise<boolean> {
  const turn = turns.take(principalOf(request))
  if (turn === undefined) throw tooMuch(request, isCreate)
  const end = await turn
  if (response.closed) end()
  else response.once('close', () => void Promise.allSettled([exchangeOf(request).work]).then(end))
  return !response.closed
}

/** Undefined: nobody knows before it has come. */
function announcedBytes({ headers }: Request): number | undefined {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : undefined
}

/** Takes what comes, and answers where there is no more. */
function watch(request: Request, response: Response, share: BodyShare, isCreate: boolean): void {
  request.on('data', (chunk: Buffer) => {
    if (share.add(chunk.length) || response.headersSent) return
    // Whoever collects it hears no more of it. A connection that is cut with bytes unread would lose the answer.
    request.removeAllListeners('data').removeAllListeners('end').resume()
    sendProblem(response, tooMuch(request, isCreate))
  })
}

function tooMuch(request: Request, isCreate: boolean): Refusal {
  exchangeOf(request).limited = 'body'
  return new Refusal(isCreate ? 'too-many-requests' : 'too-much-at-once', SENTENCE, { headers: { 'Retry-After': RETRY_SECONDS } })
}

const SENTENCE = 'More bytes of request bodies are under way than one person, or all together, may have under way at once.'
const RETRY_SECONDS = '2'
