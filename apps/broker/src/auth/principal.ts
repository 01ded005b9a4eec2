/**
 * Who asks. Every query of the store takes one; there is no way to read or write a work item without it.
 */
import type { ProjectId } from '@portolan/federation'

export type Scope = 'read' | 'write' | 'admin'

/** The credential behind a request, as far as it may be told. */
export interface CredentialFacts {
  /** `access`: our own, of a refresh family; `session`: of a browser; `foreign`: made by an admitted login itself. */
  readonly kind: 'access' | 'personal' | 'session' | 'foreign'
  /** Of the personal token or the refresh family; absent where we gave none. */
  readonly id?: string | undefined
  /** ms since 1970. */
  readonly expiresAt: number
}

export interface Principal {
  readonly issuer: string
  readonly subject: string
  /** The project that the credential is bound to, if any: it narrows everything else that is said here. */
  readonly project?: ProjectId | undefined
  /** Projects that the person is a member of. Absent: none. */
  readonly memberOf?: readonly ProjectId[] | undefined
  /** Of those, the ones whose file lets members see each other's tasks. Absent: none. */
  readonly sees?: readonly ProjectId[] | undefined
  /** `admin`: a person who may see all, by a credential with the scope `admin`. `system`: the broker itself. */
  readonly roles: readonly ('admin' | 'system')[]
  readonly scopes: readonly Scope[]
  readonly tokenId?: string | undefined
  /** Absent: the one person of open mode, or the broker itself. */
  readonly credential?: CredentialFacts | undefined
  /** When their login last said what they are a member of, ms since 1970. Absent: no login says anything of them. */
  readonly claimsAt?: number | undefined
}

/** The one person of open mode. */
export const LOCAL: Principal = {
  issuer: 'local',
  subject: 'local',
  memberOf: ['local' as ProjectId],
  roles: [],
  scopes: ['read', 'write'],
}

/** The broker's own reconciler. */
export const SYSTEM: Principal = { issuer: 'portolan', subject: 'system', roles: ['system'], scopes: ['read', 'write', 'admin'] }
