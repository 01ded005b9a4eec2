/**
 * Whether a person logged in in one of the ways that count (`acrValues`). Who does not say it logged in in none of them. Pure.
 */
const MOST_LETTERS = 200

/** Undefined: it counts. */
export function refuseWay(
  acr: string | undefined,
  { name, acrValues }: { readonly name: string; readonly acrValues: readonly string[] },
): string | undefined {
  if (acrValues.length === 0 || (acr !== undefined && acrValues.includes(acr))) return undefined
  const was =
    acr === undefined ? 'does not say how you logged in' : `says that you logged in by ${JSON.stringify(acr.slice(0, MOST_LETTERS))}`
  return `${name} ${was}, and here only ${acrValues.join(' or ')} counts. Log in again in that way.`
}
