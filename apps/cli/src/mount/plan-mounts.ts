/**
 * The folders that hold what a task has left, one for each bucket, and the remotes of rclone that they are reached by. Whatever a broker says goes into
 * files of settings here, so that only what can be nothing else there is let through. Pure.
 */
import type { Location, Output } from '@portolan/broker/portolan-schemas'
import { matchPrefix } from '@portolan/federation'

/** In the words of rclone. */
export interface Remote {
  readonly name: string
  readonly endpoint: string
  readonly region: string
  readonly forcePathStyle: boolean
}

export interface Mount {
  readonly location: string
  readonly remote: Remote
  readonly bucket: string
  /** Within the bucket, without slashes at its ends; empty for the bucket itself. */
  readonly folder: string
}

/** Outputs of one location that cannot be mounted. */
export interface NotMounted {
  readonly location: string
  readonly why: string
}

export interface MountPlan {
  readonly mounts: readonly Mount[]
  readonly left: readonly NotMounted[]
}

const NOWHERE = 'no declared location'
const S3_URL = /^s3:\/\/([A-Za-z0-9][\w.-]*)\/(.*)$/s
const NAME = /^[A-Za-z0-9][\w.-]*$/
const ENDPOINT = /^https?:\/\/(?:[\w.-]+|\[[\da-f:]+\])(?::\d+)?(?:\/[\w.~-]+)*$/
const REGION = /^[\w-]+$/
const DEFAULT_REGION = 'us-east-1'

export function planMounts(outputs: readonly Pick<Output, 'url' | 'location'>[], locations: readonly Location[]): MountPlan {
  const mounts: Mount[] = []
  const left: NotMounted[] = []
  for (const [id, urls] of Map.groupBy(outputs, ({ location }) => location ?? NOWHERE)) {
    const found = openRemote(
      id,
      locations.find(location => location.id === id),
    )
    if ('why' in found) {
      left.push(found)
      continue
    }
    const { location, remote } = found
    const open = urls.flatMap(({ url }) => (isComputedOnly(url, location) ? [] : [url]))
    if (open.length < urls.length) left.push({ location: id, why: 'what lies there is computed with and never handed out' })
    const read = open.flatMap(url => readUrl(url) ?? [])
    if (read.length < open.length) left.push({ location: id, why: 'an address there names no bucket and key' })
    for (const [bucket, keys] of Map.groupBy(read, one => one.bucket)) {
      mounts.push({ location: id, remote, bucket, folder: sharedFolder(keys.map(({ key }) => key)) })
    }
  }
  return { mounts, left }
}

function openRemote(id: string, location: Location | undefined): { readonly location: Location; readonly remote: Remote } | NotMounted {
  const refuse = (why: string): NotMounted => ({ location: id, why })
  if (location === undefined) return refuse('the broker does not show how its server is reached')
  if (location.kind !== 's3') return refuse(`it is no S3 server but of kind ${location.kind}`)
  const endpoint = location.endpoint?.replace(/\/$/, '') ?? ''
  const region = location.region ?? DEFAULT_REGION
  if (!NAME.test(id) || !ENDPOINT.test(endpoint) || !REGION.test(region)) {
    return refuse('its name, endpoint or region cannot stand in a file of settings')
  }
  return { location, remote: { name: `portolan-${id}`, endpoint, region, forcePathStyle: location.addressing !== 'virtual' } }
}

function isComputedOnly(url: string, { prefixes }: Location): boolean {
  const longest = matchPrefix(
    url,
    prefixes.map(prefix => prefix.url),
  )
  return prefixes.some(prefix => prefix.url === longest && prefix.access === 'compute')
}

function readUrl(url: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket, key] = S3_URL.exec(url) ?? []
  return bucket === undefined || key === undefined ? undefined : { bucket, key }
}

/** The deepest folder that holds all keys. */
function sharedFolder(keys: readonly string[]): string {
  const [first = [], ...others] = keys.map(key => key.split('/').slice(0, -1))
  const end = first.findIndex((segment, at) => others.some(folders => folders[at] !== segment))
  return first.slice(0, end < 0 ? first.length : end).join('/')
}
