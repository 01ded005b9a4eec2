/**
 * The configuration in the shape that the broker works with: units are ms and bytes, paths are absolute, secrets are fetched, references hold.
 */
import type { Location, Project, Site, Tracking } from '@portolan/federation'
import type { BodyBounds } from '../auth/limits/body-budget.ts'
import type { DoorRules } from '../auth/limits/door-rules.ts'
import type { LiveBounds } from '../auth/limits/live-bounds.ts'
import type { TokenLifetimes } from '../auth/rules/lifetimes.ts'
import type { LocationCredential, SiteCredential } from './credential-types.ts'
import type { ConfigProblem, ConfigWarning } from './problem.ts'
import type { Secret } from './secret.ts'

export interface ConfiguredSite {
  readonly site: Site
  /** Base address of the API, without a slash at the end. */
  readonly url: string
  readonly dialect: 'auto' | 'tes-1.1'
  /** Absent: the site is open. */
  readonly credential?: SiteCredential | undefined
  /** Most requests at once. */
  readonly concurrentRequests: number
  /** Most looks per second at the logs of tasks that run. */
  readonly liveReadsPerSecond: number
  /** For maps only. */
  readonly coordinates?: { readonly lat: number; readonly lon: number } | undefined
  readonly file: string
}

/** How the server of a location is spoken to. */
export interface LocationServer {
  /** Absent for what is not asked over HTTP. */
  readonly endpoint?: string | undefined
  readonly region: string
  readonly addressing: 'path' | 'virtual'
  readonly checksums: 'supported' | 'required'
  /** With `region`: where DRS servers say that objects lie that lie here. */
  readonly cloud?: string | undefined
  readonly delivery: 'direct' | 'relay' | 'none'
}

export interface ConfiguredLocation {
  readonly location: Location
  readonly server: LocationServer
  /** The origin that the credential is for, and the only one that is asked; absent for what is not asked over HTTP. */
  readonly origin?: string | undefined
  readonly credential?: LocationCredential | undefined
  readonly file: string
}

export interface ConfiguredProject {
  readonly project: Project
  readonly name: string
  readonly members: readonly string[]
  /** Whom to ask about joining. */
  readonly contact?: string | undefined
  readonly reviewers: readonly string[]
  readonly results?: string | undefined
  readonly uploads?: string | undefined
  readonly visibility: 'owner' | 'project'
  readonly file: string
}

/** A login whose people and tokens are admitted. */
export interface ConfiguredIssuer {
  /** Exactly as its tokens name it. */
  readonly issuer: string
  /** Its name in the addresses of the broker. */
  readonly id: string
  /** For people. */
  readonly name: string
  readonly clientId: string
  /** Absent: a public client. */
  readonly clientSecret?: Secret | undefined
  readonly scopes: readonly string[]
  readonly claimsFrom: 'userinfo' | 'token' | 'introspection'
  readonly entitlementAuthorities: readonly string[]
  /** Empty: `clientId` alone. */
  readonly audiences: readonly string[]
  readonly allowedAzp: readonly string[]
  /** Those of sites among them. */
  readonly foreignAudiences: readonly string[]
  readonly opaqueTokens: boolean
  readonly groupsClaim?: string | undefined
  readonly groupPrefix?: string | undefined
  readonly upstream?: { readonly issuer: string; readonly subjectClaim: string; readonly issuerClaim?: string | undefined } | undefined
  readonly idTokenAlgorithm: string
  /** Ways to log in that count; empty: any. */
  readonly acrValues: readonly string[]
  /** All that its endpoints may lie at. */
  readonly origins: readonly string[]
}

export interface Config {
  readonly kind: 'config'
  /** The main file; absent: the defaults. */
  readonly file?: string | undefined
  readonly server: {
    readonly host: string
    /** 0: a free one. */
    readonly port: number
    /** Absent: the address that the broker listens on. */
    readonly publicUrl?: string | undefined
    readonly trustProxy: boolean | readonly string[]
    readonly roles: readonly ('api' | 'reconciler')[]
    readonly corsOrigins: readonly string[]
    /** Addresses and networks. */
    readonly metricsFrom: readonly string[]
  }
  readonly limits: {
    readonly bodyBytes: number
    readonly contentBytes: number
    readonly inputs: number
    readonly tags: number
    readonly bodies: BodyBounds
    readonly rates: DoorRules
    readonly live: LiveBounds
  }
  readonly tracking: Tracking
  readonly store: { readonly kind: 'sqlite'; readonly path: string }
  readonly bus: { readonly kind: 'memory' }
  readonly keys: { readonly dir: string }
  readonly auth: {
    readonly mode: 'open' | 'required'
    readonly tokens: TokenLifetimes
    readonly claimsMaxAgeMs: number
    /** In open mode they are not used. */
    readonly issuers: readonly ConfiguredIssuer[]
    /** `sub@iss` or entitlements of those who may see all. */
    readonly admins: readonly string[]
  }
  readonly sites: readonly ConfiguredSite[]
  readonly locations: readonly ConfiguredLocation[]
  readonly projects: readonly ConfiguredProject[]
  readonly warnings: readonly ConfigWarning[]
}

export interface ConfigProblems {
  readonly kind: 'problems'
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigWarning[]
}

/** The project of open mode: it is there without being declared. */
export const LOCAL_PROJECT = 'local'
