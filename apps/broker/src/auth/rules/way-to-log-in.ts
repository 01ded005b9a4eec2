/**
 * Whether a person logged in in one of the ways that count (`acrValues`). Who does not say it logged in in none of them. Pure.
 */
/** Ways that have a name of their own: REFEDS, eIDAS, and the levels of Keycloak. What else a login writes there could be any text. */
const NAMED = /^(https:\/\/refeds\.org\/profile\/[sm]fa|http:\/\/eidas\.europa\.eu\/LoA\/(low|substantial|high)|[0-4])$/

/** Undefined: it counts. */
export function refuseWay(
  acr: string | undefined,
  { name, acrValues }: { readonly name: string; readonly acrValues: readonly string[] },
): string | undefined {
  if (acrValues.length === 0 || (acr !== undefined && acrValues.includes(acr))) return undefined
  return `${name} ${describe(acr)}, and here only ${acrValues.join(' or ')} counts. Log in again in that way.`
}

function describe(acr: string | undefined): string {
  if (acr === undefined) return 'does not say how you logged in'
  return NAMED.test(acr) ? `says that you logged in by "${acr}"` : 'says that you logged in in another way'
}
