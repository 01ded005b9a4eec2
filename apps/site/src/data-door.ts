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
import { StagingFailed } from './staging/staging-failed.ts'
import { isAtOrBelow, normalise } from './tasks/container-path.ts'

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
        const base = bases.find(known => isBelowBase(url, new URL(known)))
        return base === undefined ? undefined : readOwnPath(url, dataUrlOf(base))
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

/** Behind one origin there may be other servers than this one, each with its own prefix. */
function isBelowBase(url: URL, base: URL): boolean {
  return url.origin === base.origin && isAtOrBelow(url.pathname, normalise(base.pathname))
}

/** `url` is below the base that `dataUrl` is below. An escaped slash counts as one, and escaped dots as dots: a URL takes away `%2e%2e` and the segment before. */
function readOwnPath(url: URL, dataUrl: string): string {
  const mount = new URL(dataUrl).pathname
  const path = url.pathname.startsWith(mount) ? decode(url.pathname.slice(mount.length - 1)) : undefined
  if (path === undefined || path.includes('\0') || path.split('/').some(segment => segment === '.' || segment === '..')) {
    throw new StagingFailed(
      `this address of the site's own names nothing of its data folder: write ${dataUrl}PATH, and in PATH no "." or ".." as a segment, escaped or not, and each "%" as %25`,
    )
  }
  return path
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
