/**
 * The bytes of one output: by a link of its store, which is asked for again when it ends, or through the broker. The credential goes to the broker
 * alone, whatever address a link has.
 */
import type { OutputLink } from '@portolan/broker/portolan-schemas'
import type { Fetch } from '@portolan/ga4gh'
import type { BrokerClient } from '../broker-client.ts'

export interface ByteRange {
  readonly from: number
  /** With it. */
  readonly last: number
}

export interface OutputBytes {
  /** Answers as soon as the head of the answer is there, whatever it says. */
  open(range: ByteRange, signal: AbortSignal): Promise<Response>
  /** Asks for a new link before the next bytes. */
  renew(): void
}

export interface ByteWays {
  /** Of our own routes, by their path below `/portolan/v1`, with the credential. */
  readonly own: (path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Response>
  /** To any address, as nobody in particular. */
  readonly foreign: Fetch
}

export interface WantedOutput {
  readonly task: string
  readonly number: number
  /** What is known of it already. */
  readonly link: OutputLink
}

/** So long before a link ends none is begun with it. */
const MARGIN_MS = 10_000

export function openOutputBytes(
  broker: Pick<BrokerClient, 'createOutputLink' | 'outputPath'>,
  ways: ByteWays,
  wanted: WantedOutput,
): OutputBytes {
  const { task, number } = wanted
  let link: Promise<OutputLink> | undefined = Promise.resolve(wanted.link)

  async function currentLink(): Promise<OutputLink> {
    const asked = link
    const known = await asked
    if (known && Date.parse(known.expires_at) - MARGIN_MS > Date.now()) return known
    // One new link serves all parts that wait for it.
    if (link === asked) {
      link = broker.createOutputLink(task, number)
      link.catch(() => undefined)
    }
    return await (link ?? broker.createOutputLink(task, number))
  }

  return {
    async open({ from, last }, signal) {
      const { url, relayed, etag } = await currentLink()
      const headers = {
        range: `bytes=${from}-${last}`,
        // A weak tag never matches there (RFC 9110, section 13.1.1).
        ...(etag !== undefined && !etag.startsWith('W/') && { 'if-match': etag }),
      }
      if (relayed) return await ways.own(`${broker.outputPath(task, number)}/bytes`, headers, signal)
      return await ways.foreign(url, { method: 'GET', headers, signal, redirect: 'manual' })
    },
    renew() {
      link = undefined
    },
  }
}
