/**
 * One HTTP exchange of the site with a data server: our token only to its own origin, no redirects, a time limit for every phase.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describeBreak } from '../system-words.ts'
import { resolveAddress } from './address-guard.ts'
import { StagingFailed } from './staging-failed.ts'

/** The operator's declared origins; a value is our token there, `undefined` none. */
export type Origins = ReadonlyMap<string, string | undefined>

export interface Exchange {
  readonly method: string
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Readable | undefined
}

export interface ExchangeLimits {
  readonly origins: Origins
  readonly connectMs: number
  /** The longest silence. */
  readonly idleMs: number
}

/** Sends the request and gives the answer once its headers are there. The caller reads the body or destroys it. */
export async function exchange(asked: Exchange, limits: ExchangeLimits, signal: AbortSignal): Promise<IncomingMessage> {
  const { url } = asked
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new StagingFailed(`${url.protocol}// is not a scheme of this site: use http, https or file`)
  const { address, family } = await resolveAddress(url, limits.origins.has(url.origin))
  signal.throwIfAborted()
  const token = limits.origins.get(url.origin)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isTls = url.protocol === 'https:'
  const request = (isTls ? requestHttps : requestHttp)({
    host: address,
    family,
    port: url.port || (isTls ? 443 : 80),
    path: url.pathname + url.search,
    method: asked.method,
    // A pool would keep sockets open behind the site's end.
    agent: false,
    signal,
    ...(isTls && isIP(host) === 0 && { servername: host }),
    headers: {
      Host: url.host,
      'Accept-Encoding': 'identity',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...asked.headers,
    },
  })
  return await new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        signal.aborted
          ? signal.reason
          : new StagingFailed(`${asked.method} ${shown(url)}: ${cause instanceof Impatience ? cause.message : describeBreak(cause)}`, {
              cause,
              passing: true,
            }),
      )
    const connecting = setTimeout(
      () =>
        request.destroy(
          new Impatience(`no connection within ${limits.connectMs} ms: check host and port, or wait until the server answers`),
        ),
      limits.connectMs,
    )
    request.once('socket', socket => socket.once(isTls ? 'secureConnect' : 'connect', () => clearTimeout(connecting)))
    request.setTimeout(limits.idleMs, () =>
      request.destroy(new Impatience(`silent for ${limits.idleMs} ms: submit the task again when the server is well`)),
    )
    request.once('close', () => clearTimeout(connecting))
    request.on('error', fail)
    request.once('response', resolve)
    if (asked.body) pipeline(asked.body, request).catch(fail)
    else request.end()
  })
}

/** The URL without what may be secret in it: user, query and fragment. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`
}

/** The site has waited long enough. */
class Impatience extends Error {}
