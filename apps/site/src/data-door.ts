/**
 * The data server of a site, as requests reach it: below `/data` of the site's own address.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isSameToken, presentedToken } from './auth/presented-token.ts'
import type { AccessLog } from './data-server/access-log.ts'
import { openDataFolder } from './data-server/data-folder.ts'
import { serveData } from './data-server/data-server.ts'
import type { Report, SiteOptions } from './options.ts'
import type { OwnData } from './staging/own-data.ts'

const MOUNT = '/data'

export interface DataDoor {
  readonly own: OwnData
  /** True if the request is for the data server, and then it will be answered. */
  takes(request: IncomingMessage, response: ServerResponse): boolean
}

/** `bases` are the URLs that the site is known by; only ever read, so that the address may be known later. */
export function openDataDoor(folderPath: string, log: AccessLog, options: SiteOptions, bases: readonly string[], report: Report): DataDoor {
  const folder = openDataFolder(folderPath)
  const readers = Object.entries(options.readers ?? {})
  const readerOf = (request: IncomingMessage) => {
    const token = presentedToken(request.headers.authorization)
    return readers.find(([, expected]) => isSameToken(token, expected))?.[0]
  }
  const server = { folder, log, readerOf, publicPrefixes: options.publicPrefixes ?? [] }
  return {
    own: {
      siteId: options.id,
      folder,
      log,
      pathOf(url) {
        const isOwn = bases.some(base => new URL(base).origin === url.origin)
        return isOwn && url.pathname.startsWith(`${MOUNT}/`) ? decode(url.pathname.slice(MOUNT.length)) : undefined
      },
    },
    takes(request, response) {
      const path = (request.url ?? '').split('?', 1)[0] ?? ''
      if (!path.startsWith(`${MOUNT}/`)) return false
      serveData(request, response, path.slice(MOUNT.length), server).catch((error: unknown) => {
        report('the access log cannot be written', error)
        response.destroy()
      })
      return true
    },
  }
}

export function dataUrlOf(base: string): string {
  return `${base}${MOUNT}/`
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
