/**
 * Whose word counts. A login also hands on entitlements of a person's home organisation, which anybody may have made up there; so one counts
 * only if its authority is pinned, for every namespace or for its own.
 */
import { type Entitlement, parseEntitlement, parseNamespace } from './entitlement.ts'

export interface PinnedAuthority {
  readonly authority: string
  /** The one namespace that it may speak for; undefined: every namespace. */
  readonly namespace: string | undefined
}

/**
 * Reads `entitlementAuthorities` of a configuration: `aai.example.org` for every namespace, or `urn:geant:example.org#aai.example.org` for one.
 * Throws a `TypeError` that names the entry and the fix.
 */
export function pinAuthorities(entries: readonly string[]): readonly PinnedAuthority[] {
  return entries.map(entry => {
    const hash = entry.indexOf('#')
    const namespace = hash < 0 ? undefined : parseNamespace(entry.slice(0, hash))
    const probe = parseEntitlement(`urn:probe:authority:group:any#${hash < 0 ? entry : entry.slice(hash + 1)}`)
    if (!probe.ok || probe.entitlement.authority === undefined || (hash >= 0 && namespace === undefined))
      throw new TypeError(
        `entitlementAuthorities: "${entry}" is not an authority: write aai.example.org, or urn:geant:example.org#aai.example.org`,
      )
    return { authority: probe.entitlement.authority, namespace }
  })
}

/** Whether the entitlement comes from an authority that may speak for its namespace. One without authority never does. */
export function isPinned(entitlement: Entitlement, authorities: readonly PinnedAuthority[]): boolean {
  return authorities.some(
    pinned => pinned.authority === entitlement.authority && (pinned.namespace === undefined || pinned.namespace === entitlement.namespace),
  )
}
