/**
 * The other names of data in a bucket: what is declared as `s3://bucket/folder/` is served at the endpoint by https too, with the bucket in the
 * path or in the host name, and some sites read `s3://ENDPOINT/bucket/folder/` (Funnel's generic S3). The same rules hold, whichever name a task uses.
 */
import { parseUrl } from '@portolan/federation'
import { awsHostsOf } from './aws-hosts.ts'

const S3_URL = /^s3:\/\/([^/:]+)(\/.*)?$/i

/** The declared URL, and for one in a bucket all its spellings at the endpoint. http is the same place to placement as https. */
export function spellingsOf(url: string, endpoint: string | undefined): readonly string[] {
  const [, bucket, path = '/'] = S3_URL.exec(url) ?? []
  const server = endpoint === undefined ? null : URL.parse(endpoint)
  if (bucket === undefined || server === null) return [url]
  const base = server.pathname.replace(/\/+$/, '')
  const spelled = (awsHostsOf(server.host) ?? [server.host]).flatMap(host => {
    // The name of a bucket keeps its capitals in a path, and loses them in a host name.
    const names = [bucket, bucket.toLowerCase()]
    const inPath = names.map(name => `${server.protocol}//${host}${base}/${name}${path}`)
    const asS3 = authoritiesOf(server).flatMap(authority => names.map(name => `s3://${authority}${base}/${name}${path}`))
    return [...inPath, `${server.protocol}//${bucket.toLowerCase()}.${host}${base}${path}`, ...asS3]
  })
  // A server that is named by its address has no bucket in its host name. What else is not read here is not read in a task either.
  return [url, ...new Set(spelled.filter(one => parseUrl(one) !== undefined))]
}

/** How an s3 URL can name the server itself: by its host, and its port where it is not the usual one, or though it is. At AWS nobody does. */
export function authoritiesOf({ host, hostname, protocol }: URL): readonly string[] {
  if (awsHostsOf(host) !== undefined) return []
  return host === hostname ? [host, `${host}:${protocol === 'http:' ? 80 : 443}`] : [host]
}
