/**
 * What a site is started with. Secrets are values here: `flags.ts` reads them from where their references point.
 */
import type { RunnerName } from './runners/runner.ts'
import type { S3Credential } from './s3/buckets.ts'

export interface SiteOptions {
  /** Letters, digits, `_` and `-`. */
  readonly id: string
  /** For people; default: the id. */
  readonly name?: string | undefined
  /** ISO 3166-1 alpha-2; shown in service-info and in the logs of tasks. */
  readonly country?: string | undefined
  /** Default 127.0.0.1. */
  readonly host?: string | undefined
  /** Default 0: a free one. */
  readonly port?: number | undefined
  /** What clients call the site, if not by the address it listens on. */
  readonly publicUrl?: string | undefined
  /** The folder of its tasks; made if missing. */
  readonly work: string
  /** The folder that its data server serves; without one there is none. */
  readonly data?: string | undefined
  readonly runner: RunnerName | 'auto'
  /** The token that requests must carry; `undefined` is open mode, on loopback only. */
  readonly token: string | undefined
  /** Lets plain processes run as root. */
  readonly allowRoot?: boolean | undefined
  /** Gives containers and sandboxes the network of this machine. */
  readonly network?: boolean | undefined
  /** Image name → folder with its unpacked root file system, for bubblewrap. */
  readonly rootfs?: Readonly<Record<string, string>> | undefined
  /** Reader id → its token at the data server. */
  readonly readers?: Readonly<Record<string, string>> | undefined
  /** Paths below the data folder that everybody may read, each `/…/`. */
  readonly publicPrefixes?: readonly string[] | undefined
  /** Origins that inputs and outputs may use although they are not of the public internet; a value is our token there. */
  readonly fetch?: Readonly<Record<string, string | undefined>> | undefined
  /** S3 servers: origin → the site's own key there. */
  readonly s3?: Readonly<Record<string, S3Credential>> | undefined
  /** Buckets that tasks may name by `s3://` URL: name → origin of its server, one of `s3`. */
  readonly buckets?: Readonly<Record<string, string>> | undefined
  /** The region of the servers, for their signatures; default us-east-1. */
  readonly s3Region?: string | undefined
  /** Folders whose files tasks may name by `file://` URL or bare path. */
  readonly fileRoots?: readonly string[] | undefined
  /** Tasks that run at a time; default: the cores of this machine. */
  readonly slots?: number | undefined
  readonly limits?: SiteLimits | undefined
  /** For tests: hold the answer to a create back for a random time in this range, after the task is stored. */
  readonly holdCreateMs?: readonly [min: number, max: number] | undefined
}

export interface SiteLimits {
  readonly connectMs?: number | undefined
  readonly idleMs?: number | undefined
  /** The largest input file. */
  readonly maxInputBytes?: number | undefined
  readonly maxBodyBytes?: number | undefined
  /** Between SIGTERM and SIGKILL of a canceled executor. */
  readonly graceMs?: number | undefined
}

export const DEFAULT_S3_REGION = 'us-east-1'

export const DEFAULT_LIMITS = {
  connectMs: 10_000,
  idleMs: 60_000,
  maxInputBytes: 2 ** 40,
  maxBodyBytes: 16 * 2 ** 20,
  graceMs: 2_000,
} as const satisfies Required<SiteLimits>

/** Tells the operator of what went wrong behind the scenes. */
export type Report = (message: string, error: unknown) => void

/** A site cannot be started like this: the message names the flag and the fix. */
export class OptionsRefused extends Error {
  override readonly name = 'OptionsRefused'
}
