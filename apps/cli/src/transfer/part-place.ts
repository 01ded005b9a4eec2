/**
 * Where the parts of an upload go: to its store by links, some of which are asked for at once, or through the broker. The credential goes to the broker
 * alone, whatever address a link has.
 */
import type { PartLinkList, Upload } from '@portolan/broker/portolan-schemas'
import { ApiError } from '@portolan/ga4gh'
import type { BrokerClient } from '../broker-client.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { PartPlace, PartWays } from './send-part.ts'

/** What is no fault of the command, though a server of ours would mean that by it. */
const OF_THE_STORE: ReadonlySet<string> = new Set(['bad_request', 'client_error', 'conflict', 'too_large', 'redirected'])

type Link = PartLinkList['links'][number]

/** Of one request: few enough that none ends before it is used. */
const LINKS_AT_ONCE = 16
/** So long before a link ends none is begun with it. */
const MARGIN_MS = 10_000

/** `wanted`: the parts that are to be sent, in the order of sending. `requireSame` throws where the file has changed. */
export function openPartPlace(
  broker: Pick<BrokerClient, 'createPartLinks' | 'getUpload' | 'partPath'>,
  ways: PartWays,
  { id, delivery }: Pick<Upload, 'id' | 'delivery'>,
  wanted: readonly number[],
  requireSame: () => Promise<void>,
): PartPlace {
  if (delivery === 'relay') {
    return {
      put: ({ number }, body, signal) => ways.putOwn(broker.partPath(id, number), body, signal),
      async renew() {
        await requireSame()
        // A login that has ended is renewed by it, and an upload that is over is known.
        await broker.getUpload(id)
      },
    }
  }
  const links = new Map<number, Link>()
  let asked: Promise<void> | undefined

  function find(number: number): Link | undefined {
    const link = links.get(number)
    return link && Date.parse(link.expires_at) - MARGIN_MS > Date.now() ? link : undefined
  }

  async function ask(number: number): Promise<void> {
    const next = wanted.slice(wanted.indexOf(number)).filter(other => !find(other))
    const answer = await broker.createPartLinks(id, next.slice(0, LINKS_AT_ONCE))
    for (const link of answer.links) links.set(link.number, link)
  }

  async function linkOf(number: number): Promise<Link> {
    // One answer serves all parts that wait for it.
    while (!find(number) && asked) await asked.catch(() => undefined)
    const known = find(number)
    if (known) return known
    asked = ask(number).finally(() => {
      asked = undefined
    })
    await asked
    const link = find(number)
    if (link) return link
    throw new Failure('The broker gives no link for a part of it', {
      exitCode: EXIT.failed,
      fix: 'Check the clock of this machine; if it is right, tell the operator of the broker.',
    })
  }

  return {
    async put({ number }, body, signal) {
      const { url } = await linkOf(number)
      await ways.putForeign(url, body, signal).catch(error => {
        throw error instanceof ApiError && OF_THE_STORE.has(error.code) ? notTaken(error) : error
      })
    },
    async renew({ number }) {
      links.delete(number)
      await requireSame()
    },
  }
}

function notTaken(cause: ApiError): Failure {
  return new Failure(`Its store does not take a part of it (${cause.status})`, {
    exitCode: EXIT.failed,
    fix: 'Try again, what has come is kept; if it stays, tell the operator of the broker.',
    cause,
  })
}
