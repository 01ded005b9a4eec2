/**
 * What is looked for in the remains of a run: its marker in every spelling, and whatever looks like a token that a broker or a login gives out, since
 * those come from chance and carry no marker. And links that a broker signs: they are looked for also where other secrets are in their place.
 */
import { TOKEN_PREFIXES } from '../../apps/broker/src/auth/tokens/opaque-token.ts'
import { type Spelling, spellingsOf } from './spellings.ts'

export interface Needle {
  /** For the report; never the secret itself. */
  readonly what: string
  readonly bytes: Buffer
  /** What must stand behind it, for it to count. */
  readonly followedBy?: RegExp
  /** True for a link, which is looked for in what is told to whoever asks, too. */
  readonly isLink?: true
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

/** Names in the query of a link, and what a value begins with as it is; what follows it in other spellings is long enough to be one. */
const LINK_PARTS: Readonly<Record<string, string>> = {
  'X-Amz-Signature': '[0-9a-f]{64}',
  'X-Amz-Credential': String.raw`[^&\s"'<>]{1,400}?(?:/|%2F|%252F)aws4_request`,
}
/** Between a name and its value: as it is, coded in a URL once and twice, and in JSON. */
const EQUALS = String.raw`(?:=|%3D|%253D|\\u003d)`
const CODED: Readonly<Record<Exclude<Spelling['how'], 'plain'>, RegExp>> = {
  hex: /^[0-9a-f]{120}/i,
  percent: /^(?:%[0-9a-f]{2}){60}/i,
  json: /^(?:\\u00[0-9a-f]{2}){60}/i,
  base64: /^[\w%+/-]{80}/,
}

/** Links that open an object for whoever has them, by what signs them and by whose key it is. */
export function linkNeedles(): readonly Needle[] {
  return Object.entries(LINK_PARTS).flatMap(([name, value]) => {
    const plain = new RegExp(`^${EQUALS}${value}`, 'i')
    return [name, name.toLowerCase()].flatMap(written =>
      spellingsOf(written).map(({ how, spelling }): Needle => {
        const followedBy = how === 'plain' ? plain : CODED[how]
        return { what: `a signed link (${name}, ${how})`, bytes: Buffer.from(spelling), followedBy, isLink: true }
      }),
    )
  })
}
