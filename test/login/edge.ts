/**
 * What stands between the provider and its callers, so that both sides see what they should: the provider its own tokens, callers those of
 * LS-Login. The rest of LS-Login's ways is here too: refresh tokens without a consent prompt, no `iss` beside the code, claims at introspection.
 */
import { type ParsedUrlQuery, parse } from 'node:querystring'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import * as z from 'zod/mini'
import { CLAIMS, describeProvider } from './discovery.ts'
import type { Fault } from './faults.ts'
import type { KeyRing } from './keys.ts'
import type { PeopleBook } from './people-book.ts'
import type { Seals } from './seals.ts'

/** Devices may ask again after this time. The provider names none, and clients then wait five seconds. */
const DEVICE_INTERVAL_SECONDS = 1

export interface EdgeParts {
  readonly keys: KeyRing
  readonly seals: Seals
  readonly people: PeopleBook
  readonly faults: () => readonly Fault[]
}

type EdgeContext = Parameters<Parameters<Provider['use']>[0]>[0]

const TokenAnswer = z.looseObject({ access_token: z.string(), id_token: z.optional(z.string()) })
const Introspection = z.looseObject({ active: z.boolean(), sub: z.optional(z.string()), scope: z.optional(z.string()) })

export function guardEdge(provider: Provider, parts: EdgeParts): void {
  provider.use(async (ctx, next) => {
    await readRequest(ctx, parts.seals)
    await next()
    await writeAnswer(ctx, provider, parts)
  })
}

async function readRequest(ctx: EdgeContext, seals: Seals): Promise<void> {
  if (ctx.path === '/authorize') ctx.query = { ...ctx.query, ...promptOf(ctx.query) }
  if (ctx.path === '/endsession') ctx.query = openHint(ctx.query, seals)
  const [, bearer] = /^Bearer (.+)$/i.exec(ctx.get('authorization')) ?? []
  if (bearer !== undefined) ctx.req.headers.authorization = `Bearer ${await seals.open(bearer)}`
  if (ctx.method !== 'POST' || !ctx.is('application/x-www-form-urlencoded')) return
  const form = parse(await readText(ctx.req))
  for (const name of ['token', 'subject_token', 'access_token']) {
    const value = form[name]
    if (typeof value === 'string') form[name] = await seals.open(value)
  }
  // The provider takes a form from here where somebody has read the request before.
  Object.assign(ctx.req, { body: openHint(form, seals) })
}

/** The provider gives refresh tokens only to those who ask for a consent page; LS-Login to all who ask for `offline_access`. */
function promptOf({ scope = '', prompt = '' }: ParsedUrlQuery): ParsedUrlQuery {
  const prompts = [prompt].flat().join(' ').split(' ').filter(Boolean)
  const asks = [scope].flat().join(' ').split(' ').includes('offline_access')
  if (!asks || prompts.includes('none') || prompts.includes('consent')) return {}
  return { prompt: [...prompts, 'consent'].join(' ') }
}

function openHint(form: ParsedUrlQuery, seals: Seals): ParsedUrlQuery {
  const { id_token_hint: hint } = form
  return typeof hint === 'string' ? { ...form, id_token_hint: seals.openIdToken(hint) } : form
}

async function writeAnswer(ctx: EdgeContext, provider: Provider, parts: EdgeParts): Promise<void> {
  const location: unknown = ctx.response.headers.location
  if (typeof location === 'string') ctx.set('location', withoutIssuer(location))
  if (ctx.status !== 200) return
  if (ctx.path === '/.well-known/openid-configuration') ctx.body = describeProvider(ctx.body)
  if (ctx.path === '/jwk') ctx.body = parts.keys.show()
  if (ctx.path === '/devicecode') ctx.body = { ...ctx.body, interval: DEVICE_INTERVAL_SECONDS }
  if (ctx.path === '/token') ctx.body = await sealAnswer(ctx.body, parts)
  if (ctx.path === '/introspect') ctx.body = await addClaims(ctx, provider, parts)
}

/** LS-Login does not say its name beside the code (RFC 9207 came later). */
function withoutIssuer(location: string): string {
  if (!URL.canParse(location)) return location
  const url = new URL(location)
  url.searchParams.delete('iss')
  return url.href
}

async function sealAnswer(body: unknown, { seals, faults }: EdgeParts): Promise<unknown> {
  const { id_token: idToken, ...answer } = TokenAnswer.parse(body)
  return {
    ...answer,
    access_token: await seals.seal(answer.access_token),
    ...(idToken !== undefined && { id_token: await seals.sealIdToken(idToken, faults()) }),
  }
}

/** Introspection answers with the claims of those scopes that both the token and the asking client have, and with the audience. */
async function addClaims(ctx: EdgeContext, provider: Provider, { people }: EdgeParts): Promise<unknown> {
  const answer = Introspection.parse(ctx.body)
  if (!answer.active) return answer
  const oidc: KoaContextWithOIDC['oidc'] = ctx.oidc
  const value = String(oidc.params?.token)
  const token = (await provider.AccessToken.find(value)) ?? (await provider.ClientCredentials.find(value))
  const mayAsk = oidc.client?.scope?.split(' ')
  const scopes = (answer.scope ?? '').split(' ').filter(scope => mayAsk?.includes(scope) ?? true)
  const names = scopes.flatMap(scope => CLAIMS[scope] ?? [])
  const claims = Object.entries(people.bySub(answer.sub ?? '')?.claims ?? {}).filter(([name]) => names.includes(name))
  return { ...Object.fromEntries(claims), ...answer, ...(token?.extra?.aud !== undefined && { aud: token.extra.aud }) }
}

async function readText(request: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
