/**
 * Who asks. Every query of the store takes one; there is no way to read or write a work item without it.
 */
import type { ProjectId } from '@portolan/federation'

export type Scope = 'read' | 'write' | 'admin'

export interface Principal {
  readonly issuer: string
  readonly subject: string
  /** The project that the credential is bound to, if any. */
  readonly project?: ProjectId | undefined
  /** `admin`: a person who may see all. `system`: the broker itself. */
  readonly roles: readonly ('admin' | 'system')[]
  readonly scopes: readonly Scope[]
  readonly tokenId?: string | undefined
}

/** The one person of open mode. */
export const LOCAL: Principal = { issuer: 'local', subject: 'local', roles: [], scopes: ['read', 'write'] }

/** The broker's own reconciler. */
export const SYSTEM: Principal = { issuer: 'portolan', subject: 'system', roles: ['system'], scopes: ['read', 'write', 'admin'] }
