/**
 * Addresses of DRS objects by host: `drs://HOST/ID` (DRS 1.5, section on URIs). Compact identifiers (`drs://PREFIX:ACCESSION`) are not read: a registry
 * of names would have to be asked which server they mean.
 */

export interface DrsUri {
  /** Lower case, with the port where one is named. */
  readonly host: string
  /** As it goes into `GET /objects/{object_id}`, before it is escaped. */
  readonly id: string
}

const URI = /^drs:\/\/([^/?#]+)\/([^?#]+)$/i
/** A name or an address. Some servers repeat the port in the addresses of their objects: `drs://host:8080:8080/id`. */
const AUTHORITY = /^([a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\])((?::\d{1,5})*)$/

/** The server and the id that an address names; undefined if it is none. */
export function parseDrsUri(text: string): DrsUri | undefined {
  const [, authority = '', escaped = ''] = URI.exec(text) ?? []
  const [, name, ports = ''] = AUTHORITY.exec(authority.toLowerCase()) ?? []
  const id = readId(escaped)
  if (name === undefined || id === undefined) return undefined
  const port = /^:\d+/.exec(ports)?.[0] ?? ''
  return { host: `${name}${port}`, id }
}

function readId(text: string): string | undefined {
  try {
    const id = decodeURIComponent(text)
    return id === '' || id === '.' || id === '..' ? undefined : id
  } catch {
    return undefined
  }
}
