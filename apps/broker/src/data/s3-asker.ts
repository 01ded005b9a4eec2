/**
 * How an S3 server is asked: within a time, in turn, once more where keys have been replaced, and with answers in place of errors.
 */

import { ApiError } from '@portolan/ga4gh'
import PQueue from 'p-queue'
import * as z from 'zod/mini'
import type { S3Way } from '../http/s3-client.ts'
import type { StoreAnswer, Turn } from './object-store.ts'
import { answerOfStatus, describeStoreError, notNow } from './store-failure.ts'
import { PRIORITY, REQUEST_MS, REQUESTS_AT_ONCE } from './store-limits.ts'

export type Ask = <T>(signal: AbortSignal, send: (signal: AbortSignal) => Promise<StoreAnswer<T>>) => Promise<StoreAnswer<T>>

export interface S3Asker {
  /** What is answered at once and whole. */
  readonly askIn: (turn: Turn) => Ask
  /** What takes as long as its bytes do; only what stands still ends. */
  readonly stream: Ask
  /** The same for what can be sent but once, as a stream is gone that was read. */
  readonly once: Ask
}

const ServiceError = z.object({
  name: z.string(),
  $metadata: z.object({ httpStatusCode: z.int().check(z.minimum(300)) }),
})

/** The names of errors are words; what else stands there is not repeated. */
const NAME = /^[A-Za-z][A-Za-z0-9]{2,63}$/
/** How the client names an error that the server has not named. */
const UNNAMED = ['UnknownError', 'Unknown', 'Error', 'NotFound']
/** What servers say, by status 400, to signatures that they cannot even read: mostly another region. */
const BAD_SIGNATURE = ['AuthorizationHeaderMalformed', 'AuthorizationQueryParametersError', 'InvalidToken', 'ExpiredToken']
/** What servers say, by status 409 and 400, where two write the same object, or the same part, at the same moment. */
const UNDER_WAY = ['ConditionalRequestConflict', 'OperationAborted', 'InvalidPart']

export function createS3Asker(way: S3Way, origin: string): S3Asker {
  const queue = new PQueue({ concurrency: REQUESTS_AT_ONCE })

  async function attempt<T>(signal: AbortSignal, send: (signal: AbortSignal) => Promise<StoreAnswer<T>>): Promise<StoreAnswer<T>> {
    try {
      return await send(signal)
    } catch (error) {
      return describeS3Error(error, origin)
    }
  }

  /** Whether what was refused with those keys may be asked again. */
  async function mayAgain(answer: StoreAnswer<unknown>, used: number): Promise<boolean> {
    return answer.outcome === 'failed' && answer.failure.kind === 'auth' && (await way.renew(used))
  }

  const stream: Ask = async (signal, send) => {
    const used = way.keys()
    const answer = await attempt(signal, send)
    return (await mayAgain(answer, used)) ? await attempt(signal, send) : answer
  }
  return {
    stream,
    async once(signal, send) {
      const used = way.keys()
      const answer = await attempt(signal, send)
      return (await mayAgain(answer, used)) ? notNow(`${origin} refused keys of the broker that have been replaced`) : answer
    },
    askIn: turn => {
      const late: StoreAnswer<never> = { outcome: 'failed', failure: { kind: 'timeout', detail: `${origin} gave no answer in time` } }
      const priority = PRIORITY[turn]
      return async (signal, send) => {
        const inTime = (): ReturnType<typeof send> => stream(AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]), send)
        return await queue.add(inTime, { signal, priority }).catch(() => late)
      }
    },
  }
}

function describeS3Error(error: unknown, origin: string): StoreAnswer<never> {
  if (error instanceof ApiError) return { outcome: 'failed', failure: describeStoreError(error, origin) }
  const said = ServiceError.safeParse(error).data
  if (said === undefined) return { outcome: 'failed', failure: { kind: 'unreadable', detail: `${origin} answered what cannot be read` } }
  const { name, $metadata } = said
  const status = $metadata.httpStatusCode
  const isNamed = NAME.test(name) && !UNNAMED.includes(name)
  // Answers to HEAD have no body that would say more.
  const isSignature = status === 400 && (BAD_SIGNATURE.includes(name) || !isNamed)
  if (isSignature) {
    const detail = `${origin} refuses the broker's signature (${isNamed ? name : status}): look at the region and the keys`
    return { outcome: 'failed', failure: { kind: 'auth', detail } }
  }
  if (UNDER_WAY.includes(name)) return notNow(`something else is under way with it at ${origin} (${name})`)
  return answerOfStatus(status, origin, isNamed ? name : undefined)
}
