/**
 * The bucket and key that a URL means at one S3 server: `s3://bucket/key`, or the https address of the same object there. Pure.
 */
import { authoritiesOf, awsHostsOf } from '../config.ts'

export interface S3Address {
  readonly bucket: string
  /** Empty for the whole bucket. */
  readonly key: string
}

/** What follows a `?` or `#` is part of a key to some readers and none to others. */
const S3_URL = /^s3:\/\/([^/:?#]+)(?:\/([^?#]*))?$/i

const AT_SERVER = /^s3:\/\/([^/?#]+)(\/[^?#]*)$/i

/** Undefined for what is not at the server, and for what can be read in more than one way. */
export function addressOf(url: string, endpoint: string): S3Address | undefined {
  const [, authority = '', rest = ''] = AT_SERVER.exec(url) ?? []
  const server = URL.parse(endpoint)
  if (server && authoritiesOf(server).includes(authority.toLowerCase())) return addressBelow(rest, server)
  const [, bucket, key = ''] = S3_URL.exec(url) ?? []
  // The key is what stands there: who writes such URLs and who reads them code nothing.
  if (bucket !== undefined) return { bucket, key }
  return /^https?:/i.test(url) ? addressOfWeb(url, endpoint) : undefined
}

/** `s3://ENDPOINT/bucket/key`: the key is what stands there. */
function addressBelow(path: string, { pathname }: URL): S3Address | undefined {
  const base = pathname.replace(/\/+$/, '')
  const [, bucket, key = ''] = path.startsWith(`${base}/`) ? (/^([^/]+)(?:\/(.*))?$/.exec(path.slice(base.length + 1)) ?? []) : []
  return bucket === undefined ? undefined : { bucket, key }
}

function addressOfWeb(url: string, endpoint: string): S3Address | undefined {
  const server = URL.parse(endpoint)
  const asked = URL.parse(url)
  if (!server || !asked || asked.protocol !== server.protocol || asked.search !== '' || asked.hash !== '') return undefined
  const base = server.pathname.replace(/\/+$/, '')
  if (!asked.pathname.startsWith(`${base}/`)) return undefined
  const path = decode(asked.pathname.slice(base.length + 1))
  if (path === undefined) return undefined
  const hosts = awsHostsOf(server.host) ?? [server.host]
  if (hosts.includes(asked.host)) {
    const slash = path.indexOf('/')
    const bucket = slash < 0 ? path : path.slice(0, slash)
    return bucket === '' ? undefined : { bucket, key: slash < 0 ? '' : path.slice(slash + 1) }
  }
  const host = hosts.find(one => asked.host.endsWith(`.${one}`))
  return host === undefined ? undefined : { bucket: asked.host.slice(0, -host.length - 1), key: path }
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
