/**
 * The cookies of one browser, as far as logins need them: by host and path, with an end, over any port as in real browsers. On a loopback
 * address secure cookies are kept and sent, as browsers do.
 */
export interface CookieJar {
  /** The `Cookie` header for a request, or undefined. */
  read(url: string): string | undefined
  /** Takes over the `Set-Cookie` headers of an answer. */
  store(url: string, headers: readonly string[]): void
}

interface Cookie {
  readonly host: string
  readonly path: string
  readonly name: string
  readonly value: string
}

export function openCookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>()
  return {
    read(url) {
      const { hostname, pathname } = new URL(url)
      const fitting = [...cookies.values()].filter(({ host, path }) => host === hostname && isBelow(pathname, path))
      const pairs = fitting.toSorted((a, b) => b.path.length - a.path.length).map(({ name, value }) => `${name}=${value}`)
      return pairs.length === 0 ? undefined : pairs.join('; ')
    },
    store(url, headers) {
      for (const header of headers) {
        const { cookie, isOver } = parseCookie(header, new URL(url))
        const key = JSON.stringify([cookie.host, cookie.path, cookie.name])
        if (isOver) cookies.delete(key)
        else cookies.set(key, cookie)
      }
    },
  }
}

function parseCookie(header: string, { hostname, pathname }: URL): { cookie: Cookie; isOver: boolean } {
  const [pair = '', ...parts] = header.split(';').map(part => part.trim())
  const attributes = new Map(parts.map(splitPair).map(([name, value]) => [name.toLowerCase(), value]))
  const [name, value] = splitPair(pair)
  const path = attributes.get('path')
  const maxAge = attributes.get('max-age')
  const expires = attributes.get('expires')
  const isOver = maxAge === undefined ? expires !== undefined && Date.parse(expires) <= Date.now() : Number(maxAge) <= 0
  return { cookie: { host: hostname, path: path?.startsWith('/') ? path : folderOf(pathname), name, value }, isOver }
}

function splitPair(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=')
  return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}

function folderOf(pathname: string): string {
  return pathname.slice(0, pathname.lastIndexOf('/')) || '/'
}

function isBelow(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}
