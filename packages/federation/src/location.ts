/**
 * A location: a place where bytes lie (an object store, a data server, a file system), with prefixes and their rules.
 */
import type { LocationId, ProjectId, SiteId } from './ids.ts'
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

/** A shared work directory and where its files are served: a file below `from` is the object below `to`. */
export interface PathMap {
  /** An absolute path that ends in `/`. */
  readonly from: string
  /** A URL that ends in `/`, below a prefix of the same location. */
  readonly to: string
  /** Projects whose tasks it counts for; absent: all. */
  readonly projects?: readonly ProjectId[] | undefined
}

export interface Location {
  readonly id: LocationId
  readonly country: string
  readonly kind: 's3' | 'http' | 'drs' | 'posix'
  /** Sites that can read it; absent: every site. */
  readonly readableFrom?: readonly SiteId[] | undefined
  /** Sites that have credentials of their own there, and so get its URLs as they are; those that hold it are always among them. */
  readonly credentialsAt?: readonly SiteId[] | undefined
  /** True where the broker can hand out links that open one object for a while. */
  readonly links?: boolean | undefined
  readonly pathMaps?: readonly PathMap[] | undefined
  readonly prefixes: readonly LocationPrefix[]
}
