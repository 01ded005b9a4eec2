/**
 * The base paths of the TES API. Clients differ in what they put before `/tasks`, so one router answers below all of them. Pure.
 */
/** Longest first. The root is the last. */
export const TES_MOUNTS = ['/ga4gh/tes/v1', '/ga4gh/v1', '/v1', ''] as const

export interface Mounted {
  /** The base path; empty for the root. */
  readonly mount: string
  /** The path and query below it. */
  readonly url: string
}

/** Which mount a normalised URL came in by. Only `/tasks` and `/service-info` are mounted; every other URL stays as it is. */
export function findMount(url: string): Mounted {
  for (const mount of TES_MOUNTS) {
    if (mount === '') break
    if (url.startsWith(mount)) {
      const rest = url.slice(mount.length)
      if (isTesPath(rest)) return { mount, url: rest }
    }
  }
  return { mount: '', url }
}

function isTesPath(url: string): boolean {
  return startsPath(url, '/tasks') || startsPath(url, '/service-info')
}

function startsPath(url: string, path: string): boolean {
  if (!url.startsWith(path)) return false
  const next = url.charAt(path.length)
  return next === '' || next === '/' || next === '?'
}
