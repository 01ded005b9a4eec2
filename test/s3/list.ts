/**
 * `ListObjectsV2`: which keys of a bucket a page shows. Pure.
 */
import { S3Refused } from './refused.ts'
import type { StoredObject } from './store.ts'
import type { Elements } from './xml.ts'

const MAX_KEYS = 1000

/** The content of the answer. `get` gives a parameter of the query. Keys come in the order of their bytes. */
export function listPage(bucket: string, objects: Iterable<StoredObject>, get: (name: string) => string | undefined): Elements {
  const maxKeys = readCount(get('max-keys'))
  const prefix = get('prefix') ?? ''
  const delimiter = get('delimiter') ?? ''
  const token = get('continuation-token')
  const startAfter = token === undefined ? (get('start-after') ?? '') : ''
  const shownUpTo = token === undefined ? '' : readToken(token)
  const isEscaped = get('encoding-type') === 'url'
  const show = (text: string): string => (isEscaped ? encodeURIComponent(text).replaceAll('%2F', '/') : text)
  const wanted = [...objects].filter(({ key }) => key.startsWith(prefix) && compare(key, startAfter) > 0)
  // A folder that a page has shown is not shown again for the keys in it that come later.
  const rest = collapse(wanted, prefix, delimiter).filter(({ name }) => compare(name, shownUpTo) > 0)
  const page = rest.slice(0, maxKeys)
  const last = page.at(-1)
  return {
    Name: bucket,
    Prefix: show(prefix),
    Delimiter: delimiter === '' ? undefined : show(delimiter),
    StartAfter: startAfter === '' ? undefined : show(startAfter),
    EncodingType: isEscaped ? 'url' : undefined,
    MaxKeys: maxKeys,
    KeyCount: page.length,
    IsTruncated: rest.length > page.length,
    ContinuationToken: token,
    NextContinuationToken: rest.length > page.length && last ? writeToken(last.name) : undefined,
    Contents: page.flatMap(({ object }) =>
      object
        ? [
            {
              Key: show(object.key),
              LastModified: new Date(object.modifiedAt).toISOString(),
              ETag: object.etag,
              Size: object.bytes,
              StorageClass: 'STANDARD',
            },
          ]
        : [],
    ),
    CommonPrefixes: page.flatMap(({ name, object }) => (object ? [] : [{ Prefix: show(name) }])),
  }
}

interface Entry {
  /** A key, or what is common to the keys of a folder. */
  readonly name: string
  readonly object?: StoredObject
}

function collapse(objects: readonly StoredObject[], prefix: string, delimiter: string): readonly Entry[] {
  const entries = new Map<string, Entry>()
  for (const object of objects) {
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length)
    const entry = end < 0 ? { name: object.key, object } : { name: object.key.slice(0, end + delimiter.length) }
    entries.set(entry.name, entry)
  }
  return [...entries.values()].sort((a, b) => compare(a.name, b.name))
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function readCount(text: string | undefined): number {
  if (text === undefined) return MAX_KEYS
  if (!/^[0-9]+$/.test(text)) throw new S3Refused(400, 'InvalidArgument', 'max-keys is no number')
  return Math.min(Number(text), MAX_KEYS)
}

/** Nobody but the server can read it. */
function writeToken(name: string): string {
  return Buffer.from(`after ${name}`).toString('base64url')
}

function readToken(token: string): string {
  const [, name] = /^after (.*)$/s.exec(Buffer.from(token, 'base64url').toString('utf8')) ?? []
  if (name === undefined) throw new S3Refused(400, 'InvalidArgument', 'the continuation token is not one of this server')
  return name
}
