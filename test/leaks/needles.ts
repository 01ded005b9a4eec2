/**
 * What is looked for in the remains of a run: its marker in every spelling, and whatever looks like a token that a broker or a login gives out, since
 * those come from chance and carry no marker.
 */
import { TOKEN_PREFIXES } from '../../apps/broker/src/auth/tokens/opaque-token.ts'
import { spellingsOf } from './spellings.ts'

export interface Needle {
  /** For the report; never the secret itself. */
  readonly what: string
  readonly bytes: Buffer
  /** What must stand behind it, for it to count. */
  readonly followedBy?: RegExp
}

/** How far `followedBy` looks. */
export const FOLLOWING_BYTES = 1_000

/** The marker. What is shorter than the whole is found too, as long as its first 18 characters are there: `markedRandom` puts in no more. */
export function needlesOf(marker: string): readonly Needle[] {
  return spellingsOf(marker.slice(0, 18)).map(({ how, spelling }) => ({ what: `the marker (${how})`, bytes: Buffer.from(spelling) }))
}

/** Our own tokens and JSON web tokens. */
export function tokenNeedles(): readonly Needle[] {
  const own = Object.entries(TOKEN_PREFIXES).flatMap(([kind, prefix]) =>
    spellingsOf(prefix).map(({ how, spelling }) => ({
      what: `a ${kind} token (${how})`,
      bytes: Buffer.from(spelling),
      followedBy: how === 'plain' ? /^[0-9A-Za-z]{20}/ : /^[\w%+/\\-]{20}/,
    })),
  )
  return [...own, ...webNeedles()]
}

/** `{"alg":`, `{"typ":` and `{"kid":`, whichever comes first in a header. */
const HEADS = ['eyJhbGciOi', 'eyJ0eXAiOi', 'eyJraWQiOi']
/** A header alone is no secret: there must be a claim behind it, which a token has that was cut off before its signature too. */
const CLAIMS = String.raw`[\w-]{8,}\.eyJ[\w-]{8}`

/** JSON web tokens, as they are and within a Basic header or whatever else is coded. */
function webNeedles(): readonly Needle[] {
  const plain = { what: 'a JSON web token (plain)', bytes: Buffer.from('eyJ'), followedBy: new RegExp(`^${CLAIMS}`) }
  const coded = HEADS.flatMap(head => spellingsOf(head))
    .filter(({ how }) => how !== 'plain')
    .map(({ how, spelling }) => ({ what: `a JSON web token (${how})`, bytes: Buffer.from(spelling), followedBy: /^[\w%+/\\-]{150}/ }))
  return [plain, ...coded]
}
