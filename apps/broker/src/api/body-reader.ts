/**
 * Reading JSON bodies of those whom the door has let in, with so many bytes under way at once. A small body costs nothing; of a large one the announced
 * bytes are taken from what its person may have before it is read, and what comes from what all may have. What is taken is given back with the answer.
 * What is dear is done one at a time for each person, from the parsing of its body on: until then it waits as the bytes that it came as.
 */
import { collectBody, parseCollected, sendProblem } from '@portolan/tes/server'
import type { Request, RequestHandler, Response } from 'express'
import type { BodyBudget, BodyShare } from '../auth/limits/body-budget.ts'
import type { DearTurns } from '../auth/limits/dear-turns.ts'
import type { Principal } from '../auth/principal.ts'
import { exchangeOf, principalOf } from './exchange.ts'
import { Refusal } from './refusal.ts'

/** As much as a connection holds in its buffers anyway. A body that announces nothing is small until more has come. */
const SMALL_BYTES = 16 * 1024
/** From here on a body is dear: to judge it takes about a millisecond, or for a dry run, which also places it, a few. */
const DEAR_BYTES = { create: 16 * 1024, dryRun: 4 * 1024 } as const

/** `isCreate`: what is refused is 429, as creates beyond a limit are, and else 503. */
export type BodyReader = (isCreate: boolean) => RequestHandler

export interface BodyRules {
  /** A larger body is 413. */
  readonly bodyBytes: number
  readonly budget: BodyBudget
  /** Of what is dear; absent: nobody waits. */
  readonly turns: DearTurns | undefined
  /** Throws where nothing that somebody sends could be for anything: large bodies of theirs are not read. */
  readonly demandProject: (principal: Principal) => void
}

export function createBodyReader({ bodyBytes, budget, turns, demandProject }: BodyRules): BodyReader {
  const collect = collectBody(bodyBytes)
  return isCreate => (request, response, next) => {
    const announced = announcedBytes(request)
    const isSmall = announced !== undefined && announced <= SMALL_BYTES
    const isTooLarge = announced !== undefined && announced > bodyBytes
    if (!isSmall) demandProject(principalOf(request))
    // Who has hung up gives nothing back.
    if (!isSmall && !isTooLarge && !response.closed) {
      const share = budget.open(principalOf(request))
      response.once('close', () => share.end())
      if (announced !== undefined && !share.announce(announced)) throw tooMuch(request, isCreate)
      watch(request, response, share, isCreate)
    }
    collect(request, response, error => {
      if (error !== undefined) return next(error)
      const { body }: { body?: unknown } = request
      const bytes = Buffer.isBuffer(body) ? body.length : 0
      const isDear = turns !== undefined && bytes > (isCreate ? DEAR_BYTES.create : DEAR_BYTES.dryRun)
      const parse = (): void => void parseCollected(request, response, next)
      if (isDear) inTurn(turns, request, response, parse).catch(next)
      else parse()
    })
  }
}

/**
 * A turn lasts until what is asked for is judged, whether or not who asked is still there: who hangs up gains no time by it. Where nothing came to be
 * judged it ends with the answer.
 */
async function inTurn(turns: DearTurns, request: Request, response: Response, act: () => void): Promise<void> {
  const person = principalOf(request)
  const end = await turns.take(person)
  try {
    await turns.act(person, () => response.closed || act())
  } catch (error) {
    end()
    throw error
  }
  const { work } = exchangeOf(request)
  if (work) await Promise.allSettled([work]).then(end)
  else if (response.closed) end()
  else response.once('close', end)
}

/** Undefined: nobody knows before it has come. */
function announcedBytes({ headers }: Request): number | undefined {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : undefined
}

/** Takes what comes beyond what is small, and answers where there is no more. */
function watch(request: Request, response: Response, share: BodyShare, isCreate: boolean): void {
  let come = 0
  request.on('data', (chunk: Buffer) => {
    const counted = Math.max(0, come - SMALL_BYTES)
    come += chunk.length
    if (share.come(Math.max(0, come - SMALL_BYTES) - counted) || response.headersSent) return
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
