/**
 * Who one is, personal tokens and logins, as zod schemas: one per component of `openapi/portolan-1.yaml`, which bears its name.
 */
import * as z from 'zod/mini'

const time = z.string().check(z.meta({ format: 'date-time' }))

const Scope = z.enum(['read', 'write', 'admin'])

const Person = z.object({ issuer: z.string(), subject: z.string() })
export type Person = z.infer<typeof Person>

const OwnProject = z.object({ id: z.string(), name: z.string() })

const Credential = z.object({
  kind: z.enum(['access', 'personal', 'session', 'foreign']),
  id: z.optional(z.string()),
  project: z.optional(z.string()),
  expires_at: time,
})

const ClaimsAge = z.object({ said_at: time, seconds: z.int() })

const WayIn = z.object({ entitlement: z.optional(z.string()), ask: z.string() })

export const Missing = z.object({ says: z.string(), ways: z.array(WayIn), ignored: z.optional(z.int()) })
export type Missing = z.infer<typeof Missing>

export const Me = z.object({
  mode: z.enum(['open', 'required']),
  issuer: z.string(),
  subject: z.string(),
  name: z.optional(z.string()),
  scopes: z.array(Scope),
  admin: z.boolean(),
  projects: z.array(OwnProject),
  credential: z.optional(Credential),
  claims: z.optional(ClaimsAge),
  linked: z.optional(Person),
  missing: z.optional(Missing),
})
export type Me = z.infer<typeof Me>

const Standing = z.enum(['live', 'expired', 'ended'])

/** What personal tokens and logins of devices are told alike. */
const owned = {
  id: z.string(),
  owner: Person,
  project: z.optional(z.string()),
  scopes: z.array(Scope),
  standing: Standing,
  created_at: time,
  expires_at: time,
  ended_at: z.optional(time),
}

export const Token = z.object({ ...owned, name: z.string(), last_used_at: z.optional(time) })
export type Token = z.infer<typeof Token>

export const TokenList = z.object({ tokens: z.array(Token), next_page_token: z.optional(z.string()) })
export type TokenList = z.infer<typeof TokenList>

export const NewToken = z.object({
  name: z.string().check(z.minLength(1), z.maxLength(100)),
  project: z.optional(z.string()),
  scopes: z.optional(z.array(Scope).check(z.minLength(1))),
  expires_in_days: z.optional(z.int().check(z.minimum(1))),
})
export type NewToken = z.infer<typeof NewToken>

export const CreatedToken = z.object({ secret: z.string(), token: Token })
export type CreatedToken = z.infer<typeof CreatedToken>

export const DeviceLogin = z.object({
  ...owned,
  client: z.string(),
  why: z.optional(z.enum(['logout', 'reuse', 'expired', 'revoked', 'displaced'])),
  current: z.boolean(),
})
export type DeviceLogin = z.infer<typeof DeviceLogin>

export const LoginList = z.object({ logins: z.array(DeviceLogin), next_page_token: z.optional(z.string()) })
export type LoginList = z.infer<typeof LoginList>

export const EndedLogins = z.object({ sessions: z.int(), devices: z.int() })
export type EndedLogins = z.infer<typeof EndedLogins>

export const ACCOUNT_SCHEMAS = {
  Me,
  Scope,
  Person,
  OwnProject,
  Credential,
  ClaimsAge,
  Missing,
  WayIn,
  TokenList,
  Token,
  Standing,
  NewToken,
  CreatedToken,
  LoginList,
  DeviceLogin,
  EndedLogins,
}
