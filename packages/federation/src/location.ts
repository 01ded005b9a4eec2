/**
 * A location: a place where bytes lie (an object store, a data server, a file system), with prefixes and their rules.
 */
import type { LocationId, SiteId } from './ids.ts'
import type { Sensitivity } from './sensitivity.ts'

export interface LocationPrefix {
  /** Longest prefix wins. Ends in `/`, or names one object. */
  readonly url: string
  readonly sensitivity: Sensitivity
  /** `share`: its people may read it. `compute`: only approved work runs on it; the default for `controlled`. */
  readonly access: 'share' | 'compute'
  /** Countries (ISO 3166-1 alpha-2) that the bytes may be computed in; absent: everywhere. */
  readonly residency?: readonly string[] | undefined
  readonly groups?: readonly string[] | undefined
  readonly visas?: readonly unknown[] | undefined
  readonly isolation?: string | undefined
  readonly egressReview?: boolean | undefined
  readonly dataset?: string | undefined
  /** True where task outputs may be written. */
  readonly outputs?: boolean | undefined
}

export interface Location {
  readonly id: LocationId
  readonly country: string
  readonly kind: 's3' | 'http' | 'drs' | 'posix'
  /** Sites that can read it; absent: every site. */
  readonly readableFrom?: readonly SiteId[] | undefined
  readonly prefixes: readonly LocationPrefix[]
}
