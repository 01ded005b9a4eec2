/**
 * Where a login has its endpoints: OpenID Connect Discovery 1.0, section 4, else RFC 8414, section 3. What it answers counts only if it names
 * itself exactly as it was asked for.
 */
import * as z from 'zod/mini'
import { askLogin, type LoginClient, type Trouble } from './ask-login.ts'
import { isSafeUrl } from './issuer.ts'
import { type KeptDocument, keepDocument } from './kept-document.ts'

export interface Endpoints {
  readonly keys: string
  readonly userinfo: string | undefined
  readonly introspection: string | undefined
}

const MAX_BYTES = 256 * 1024
const TIMES = { freshMs: 3_600_000, staleMs: 24 * 3_600_000, pauseMs: 5_000 }

const Metadata = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  userinfo_endpoint: z.optional(z.string()),
  introspection_endpoint: z.optional(z.string()),
})

export function keepEndpoints(client: LoginClient, issuer: string, now: () => number): KeptDocument<Endpoints> {
  return keepDocument(() => discover(client, issuer), TIMES, now)
}

async function discover(client: LoginClient, issuer: string) {
  const ask = (url: string) => askLogin(client, { url, issuer, what: 'its endpoints', maxBytes: MAX_BYTES })
  const { origin, pathname } = new URL(issuer)
  const first = await ask(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const found =
    first.ok || first.status !== 404
      ? first
      : await ask(`${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`)
  return found.ok ? readMetadata(found.value, issuer) : found
}

type Read = { readonly ok: true; readonly value: Endpoints } | { readonly ok: false; readonly trouble: Trouble }

function readMetadata(foreign: unknown, issuer: string): Read {
  const parsed = Metadata.safeParse(foreign)
  if (!parsed.success) return wrong(`The login ${issuer} does not say where its keys are.`)
  const { issuer: named, jwks_uri, userinfo_endpoint, introspection_endpoint } = parsed.data
  if (named !== issuer)
    return wrong(
      `The login at ${issuer} names itself ${JSON.stringify(tidy(named))}. The two must be equal to the letter, a slash at the end included: ask the operators of this service to mend its configuration.`,
    )
  const endpoints = [jwks_uri, userinfo_endpoint, introspection_endpoint].filter(url => url !== undefined)
  if (!endpoints.every(url => isSafeUrl(url, issuer))) return wrong(`The login ${issuer} has an endpoint that is not https.`)
  return { ok: true, value: { keys: jwks_uri, userinfo: userinfo_endpoint, introspection: introspection_endpoint } }
}

/** Foreign text for one line of a terminal or a page. */
function tidy(text: string): string {
  return text.slice(0, 200).replace(/[^\x20-\x7e]/g, '?')
}

function wrong(detail: string): Read {
  return { ok: false, trouble: { detail, retryAfterMs: TIMES.pauseMs } }
}
