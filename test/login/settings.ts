/**
 * What a stand-in is started with. It comes from another process, so it is read by a schema.
 */
import * as z from 'zod/mini'

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** A visa that the person holds: signed anew each time that somebody asks for it. */
const HeldVisa = z.strictObject({
  type: z.string(),
  value: z.string(),
  source: z.string(),
  by: z.optional(z.string()),
})
export type HeldVisa = z.infer<typeof HeldVisa>

export const Person = z.strictObject({
  /** A short name: what tests, `login_hint` and the login page call the person. */
  id: z.string(),
  name: z.string(),
  /** 40 hex characters and `@lifescience-ri.eu`. */
  sub: z.string(),
  /** Everything beside `sub`, as userinfo shows it to those with the scope. */
  claims: z.record(z.string(), z.unknown()),
  visas: z._default(z.readonly(z.array(HeldVisa)), []),
})
export type Person = z.infer<typeof Person>

/** A service as people register it: without a secret it is a public client. */
export const RegisteredClient = z.strictObject({
  id: z.string(),
  secret: z.optional(z.string()),
  /** How it sends the secret: as `client_secret_basic` or as `client_secret_post`. */
  sendsSecret: z._default(z.enum(['basic', 'post']), 'basic'),
  grants: z.readonly(z.array(z.enum(['authorization_code', 'refresh_token', 'client_credentials', DEVICE_GRANT, EXCHANGE_GRANT]))),
  redirectUris: z._default(z.readonly(z.array(z.url())), []),
  postLogoutRedirectUris: z._default(z.readonly(z.array(z.url())), []),
  /** The scopes that it may ask for; all of them where nothing is said. */
  scopes: z.optional(z.readonly(z.array(z.string()))),
  /** The resource indicators (RFC 8707) that it may ask for. */
  resources: z._default(z.readonly(z.array(z.url())), []),
})
export type RegisteredClient = z.infer<typeof RegisteredClient>

export const Settings = z.strictObject({
  clients: z.array(RegisteredClient),
  people: z.array(Person),
  port: z.int().check(z.nonnegative()),
  accessTokens: z.enum(['jwt', 'opaque']),
  /** Whether one that is exchanged is replaced; whoever then shows the old one ends all that came of the same login. */
  refreshTokens: z._default(z.enum(['kept', 'rotated']), 'kept'),
})
export type Settings = z.infer<typeof Settings>
