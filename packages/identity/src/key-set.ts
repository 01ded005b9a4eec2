/**
 * The keys of a login (RFC 7517). A token by a key that is not among them makes it ask again, but not more often than every half minute,
 * whatever is sent; until then such a token is neither believed nor refused, since the key may be newer than the copy.
 */
import { createLocalJWKSet, type JWK } from 'jose'
import * as z from 'zod/mini'
import { askLogin, type Limit, type LoginClient, type Trouble, until } from './ask-login.ts'
import type { Endpoints } from './discovery.ts'
import { type Copy, type KeptDocument, type KeptTimes, keepDocument } from './kept-document.ts'

/** A key that is withdrawn counts for 40 minutes at most while the login is silent. */
export const KEY_TIMES: KeptTimes = { freshMs: 600_000, staleMs: 1_800_000, pauseMs: 30_000 }
const MAX_BYTES = 512 * 1024
const MAX_KEYS = 100
const TOLERANCE_MS = 60_000

/** Only the public half of key pairs. A symmetric key has no place here, and nobody's private key is of use. */
const PublicKey = z.object({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  kid: z.optional(z.string()),
  use: z.optional(z.string()),
  key_ops: z.optional(z.array(z.string())),
  alg: z.optional(z.string()),
  n: z.optional(z.string()),
  e: z.optional(z.string()),
  crv: z.optional(z.string()),
  x: z.optional(z.string()),
  y: z.optional(z.string()),
})
const KeySet = z.object({ keys: z.array(z.unknown()) })

type Keys = ReturnType<typeof createLocalJWKSet>
type Key = Awaited<ReturnType<Keys>>
export type FoundKey =
  | { readonly found: 'key'; readonly key: Key }
  /** The login has no such key. */
  | { readonly found: 'none' }
  | { readonly found: 'unavailable'; readonly trouble: Trouble }

const NONE: FoundKey = { found: 'none' }

export interface KeySet {
  /** The key for a header. `issuedAt` is what the token claims, in seconds: a token older than our copy cannot be by a newer key. Rejects when the limit is reached. */
  find(header: KeyHeader, issuedAt: number | undefined, limit: Limit): Promise<FoundKey>
}

interface KeyHeader {
  readonly alg: string
  readonly kid?: string | undefined
}

export function keepKeys(
  client: LoginClient,
  issuer: string,
  endpoints: KeptDocument<Endpoints>,
  times: KeptTimes,
  now: () => number,
): KeySet {
  const kept = keepDocument(() => loadKeys(client, issuer, endpoints), times, now)

  async function whenMissing(copy: Copy<Keys>, header: KeyHeader, issuedAt: number | undefined, limit: Limit): Promise<FoundKey> {
    const shownAt = now()
    const newer = await until(limit.signal, () => kept.readNewer(copy))
    if (newer && !newer.ok) return { found: 'unavailable', trouble: newer.trouble }
    const chosen = newer ? await choose(newer.copy.value, header) : NONE
    if (chosen.found === 'key') return chosen
    // Somebody else may have asked for the newer copy, before the login had the key.
    const { askedAt } = newer?.copy ?? copy
    if (askedAt >= shownAt || (issuedAt !== undefined && issuedAt * 1000 + TOLERANCE_MS < askedAt)) return NONE
    const detail = `The login ${issuer} may have a new key that is not known here yet. Try again in half a minute.`
    return { found: 'unavailable', trouble: { detail, retryAfterMs: kept.pauseLeftMs() } }
  }

  return {
    async find(header, issuedAt, limit) {
      const ready = kept.readNow()
      const loaded = ready ? ({ ok: true, copy: ready } as const) : await until(limit.signal, () => kept.read())
      if (!loaded.ok) return { found: 'unavailable', trouble: loaded.trouble }
      const chosen = await choose(loaded.copy.value, header)
      return chosen.found === 'none' ? await whenMissing(loaded.copy, header, issuedAt, limit) : chosen
    },
  }
}

/** The one key that fits. Of several none is taken: a token by one of many keys must name it. */
async function choose(keys: Keys, header: KeyHeader): Promise<FoundKey> {
  try {
    return { found: 'key', key: await keys(header.kid === undefined ? { alg: header.alg } : { alg: header.alg, kid: header.kid }) }
  } catch {
    // No key, several, or one that the runtime cannot import.
    return NONE
  }
}

async function loadKeys(client: LoginClient, issuer: string, endpoints: KeptDocument<Endpoints>) {
  const where = await endpoints.read()
  if (!where.ok) return where
  const answer = await askLogin(client, { url: where.copy.value.keys, issuer, what: 'its keys', maxBytes: MAX_BYTES })
  if (!answer.ok) return answer
  const parsed = KeySet.safeParse(answer.value)
  const keys: JWK[] = parsed.success ? parsed.data.keys.slice(0, MAX_KEYS).flatMap(key => PublicKey.safeParse(key).data ?? []) : []
  if (keys.length > 0) return { ok: true as const, value: createLocalJWKSet({ keys }) }
  return { ok: false as const, trouble: { detail: `The login ${issuer} has published no keys. Try again later.`, retryAfterMs: 5_000 } }
}
