/**
 * The people of the access tests and what they send: real tokens of a real login in a process of its own, of the broker itself, and of a login that is
 * not admitted.
 */

import type { ProjectId } from '@portolan/federation'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { describePerson } from '../../../../test/login/people.ts'
import { type StandIn, startStandIn } from '../../../../test/login/stand-in.ts'
import type { Principal, Scope } from '../../src/auth/principal.ts'
import { createProjectDirectory, type DeclaredProject } from '../../src/auth/project-directory.ts'
import { mintAccessToken } from '../../src/auth/tokens/access-token.ts'
import { makeToken } from '../../src/auth/tokens/opaque-token.ts'
import { secureRandom } from '../../src/auth/tokens/random-source.ts'
import { makeSigningKeys } from '../../src/auth/tokens/signing-keys.fixture.ts'
import { MANY } from '../../src/stores/login-contract/builders.ts'
import type { FamilyId, PersonRef, TokenId } from '../../src/stores/login-rows.ts'
import type { LoginStore } from '../../src/stores/login-store.ts'
import { NO_CLAIMS_TEXT, type OpenedLogin, openTestLogin, type TestPorts } from '../open-test-login.ts'

export const ROLES = [
  'otherProject',
  'owner',
  'member',
  'closedMember',
  'foreign',
  'admin',
  'plainAdmin',
  'readOnly',
  'writeOnly',
  'byLogin',
] as const
export const STRANGERS = ['anonymous', 'malformed', 'unknown', 'expired', 'revoked', 'audience', 'issuer', 'unavailable'] as const
export type Role = (typeof ROLES)[number]
export type Stranger = (typeof STRANGERS)[number]
export type Headers = Readonly<Record<string, string>>

const NAMES = ['ada', 'bob', 'carl', 'eve', 'root'] as const
type Name = (typeof NAMES)[number]

const SUBJECTS: Readonly<Record<Role, Name>> = {
  owner: 'ada',
  member: 'bob',
  closedMember: 'carl',
  foreign: 'eve',
  otherProject: 'ada',
  admin: 'root',
  plainAdmin: 'root',
  readOnly: 'ada',
  writeOnly: 'ada',
  byLogin: 'ada',
}

export interface People extends AsyncDisposable {
  readonly issuer: string
  readonly projects: readonly DeclaredProject[]
  subjectOf(role: Role): string
  /** What a request of theirs carries. */
  headers(who: Role | Stranger): Headers
  /** The login on a store, which then knows what has been given out; with the declared projects, or others. */
  open(ports: TestPorts, projects?: readonly DeclaredProject[]): Promise<OpenedLogin>
}

const CLIENT = 'portolan'
const ELSEWHERE = 'elsewhere'
/** Nothing listens there. */
const SILENT = 'http://127.0.0.1:9/oidc/'
const HOUR_MS = 3_600_000

export async function gatherPeople(): Promise<People> {
  await using started = new AsyncDisposableStack()
  const people = NAMES.map(id => describePerson({ id }))
  const clients = [CLIENT, ELSEWHERE].map(
    id => ({ id, secret: makeSecret(id), grants: ['authorization_code'], redirectUris: ['http://127.0.0.1:9/'] }) as const,
  )
  const login = started.use(await startStandIn({ clients, people }))
  const stranger = started.use(await startStandIn({ clients, people }))
  const refOf = (name: Name): PersonRef => ({ issuer: login.issuer, subject: describePerson({ id: name }).sub })
  const projects = declareProjects(name => `${refOf(name).subject}@${login.issuer}`)
  const given = await giveCredentials(login, stranger, refOf)
  const owned = started.move()
  return {
    issuer: login.issuer,
    projects,
    subjectOf: role => refOf(SUBJECTS[role]).subject,
    headers: who => given.headers[who],
    async open(ports, declared = projects) {
      const issuers = [login.issuer, SILENT].map(issuer => ({ issuer, clientId: CLIENT }))
      const admins = [`${refOf('root').subject}@${login.issuer}`]
      const opened = await openTestLogin({
        issuers,
        directory: createProjectDirectory(declared, admins),
        ...ports,
        signingKeys: given.keys,
      })
      await given.register(ports.store)
      return opened
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function declareProjects(at: (name: Name) => string): readonly DeclaredProject[] {
  const declare = (id: string, visibility: 'owner' | 'project', ...members: readonly Name[]): DeclaredProject => ({
    project: { id: id as ProjectId },
    name: `Project ${id}`,
    members: members.map(at),
    visibility,
    uploads: `s3://uploads/${id}/`,
  })
  return [
    declare('closed', 'owner', 'ada', 'carl'),
    declare('open', 'project', 'ada', 'bob'),
    declare('third', 'owner', 'ada'),
    declare('far', 'project', 'eve'),
    declare('staff', 'owner', 'root'),
  ]
}

interface Given {
  readonly name: Name
  readonly scopes: readonly Scope[]
  readonly project?: ProjectId
}

interface PersonalToken extends Given {
  readonly lifeMs?: number
  readonly isRevoked?: boolean
}

/** Every kind of credential, and every place that it can stand in. */
async function giveCredentials(login: StandIn, stranger: StandIn, refOf: (name: Name) => PersonRef) {
  const personal = {
    closedMember: { name: 'carl', scopes: ['read', 'write'] },
    plainAdmin: { name: 'root', scopes: ['read', 'write'] },
    readOnly: { name: 'ada', scopes: ['read'] },
    writeOnly: { name: 'ada', scopes: ['write'] },
    expired: { name: 'ada', scopes: ['read', 'write'], lifeMs: 1 },
    revoked: { name: 'ada', scopes: ['read', 'write'], isRevoked: true },
  } as const satisfies Partial<Record<Role | Stranger, PersonalToken>>
  const devices = {
    owner: { name: 'ada', scopes: ['read', 'write'] },
    member: { name: 'bob', scopes: ['read', 'write'] },
    foreign: { name: 'eve', scopes: ['read', 'write'] },
    otherProject: { name: 'ada', scopes: ['read', 'write'], project: 'third' as ProjectId },
    admin: { name: 'root', scopes: ['read', 'write', 'admin'] },
  } as const satisfies Partial<Record<Role, Given>>
  const made = new Map(Object.keys(personal).map(who => [who, makeToken('personal', secureRandom)]))
  const textOf = (who: keyof typeof personal): string => made.get(who)?.text ?? ''
  const now = Date.now()
  const keys = makeSigningKeys([now - HOUR_MS])
  const familyOf = (who: string): FamilyId => `family-of-${who}` as FamilyId
  const access = async (who: keyof typeof devices): Promise<string> => {
    const { name, scopes, project }: Given = devices[who]
    const grant = { person: refOf(name), scopes, project, familyId: familyOf(who), clientId: 'cli' } as const
    return (await mintAccessToken(grant, { keys, issuer: OWN_ISSUER, random: secureRandom, now, lifeMs: HOUR_MS })).text
  }
  const mint = (from: StandIn, person: Name, client = CLIENT) =>
    from.mintAccessToken({ person, client, scopes: ['openid', 'profile', 'email'] })
  const bearer = (text: string): Headers => ({ authorization: `Bearer ${text}` })
  const basic = (text: string): Headers => ({ authorization: `Basic ${Buffer.from(`engine:${text}`).toString('base64')}` })
  const silent = [
    { alg: 'RS256', kid: 'k', typ: 'at+jwt' },
    { iss: SILENT, sub: 'ada', azp: CLIENT, exp: now + HOUR_MS },
  ]
  const headers: Readonly<Record<Role | Stranger, Headers>> = {
    owner: bearer(await access('owner')),
    member: bearer(await access('member')),
    closedMember: basic(textOf('closedMember')),
    foreign: bearer(await access('foreign')),
    otherProject: bearer(await access('otherProject')),
    admin: bearer(await access('admin')),
    plainAdmin: { 'x-api-key': textOf('plainAdmin') },
    readOnly: basic(textOf('readOnly')),
    writeOnly: bearer(textOf('writeOnly')),
    byLogin: bearer(await mint(login, 'ada')),
    anonymous: {},
    malformed: bearer(textOf('plainAdmin').slice(0, -1)),
    unknown: bearer(makeToken('personal', secureRandom).text),
    expired: bearer(textOf('expired')),
    revoked: bearer(textOf('revoked')),
    audience: bearer(await mint(login, 'ada', ELSEWHERE)),
    issuer: bearer(await mint(stranger, 'ada')),
    unavailable: bearer([...silent.map(part => Buffer.from(JSON.stringify(part)).toString('base64url')), 'c2ln'].join('.')),
  }

  async function register(store: LoginStore): Promise<void> {
    const may: Omit<Principal, keyof PersonRef> = { roles: [], scopes: ['read', 'write', 'admin'] }
    for (const name of NAMES) {
      const principal = { ...refOf(name), ...may }
      await store.execute({ kind: 'recordLogin', principal, claimsText: NO_CLAIMS_TEXT, client: 'web', now })
    }
    for (const [who, { name, scopes, project }] of Object.entries<Given>(devices)) {
      const family = { id: familyOf(who), client: 'cli', scopes, project, expiresAt: now + HOUR_MS }
      const hash = makeToken('refresh', secureRandom).hash
      await store.execute({ kind: 'startFamily', principal: { ...refOf(name), ...may }, family, hash, most: MANY, now })
    }
    for (const [who, token] of Object.entries<PersonalToken>(personal)) await give(store, who, token, { ...refOf(token.name), ...may })
  }

  async function give(
    store: LoginStore,
    who: string,
    { scopes, project, lifeMs = HOUR_MS, isRevoked }: PersonalToken,
    principal: Principal,
  ) {
    const hash = made.get(who)?.hash
    if (hash === undefined) throw new Error(`There is no token for ${who}`)
    const id = `token-of-${who}` as TokenId
    const token = { id, hash, name: who, scopes, expiresAt: now + lifeMs, ...(project !== undefined && { project }) }
    await store.execute({ kind: 'createToken', principal, token, most: MANY, now })
    if (isRevoked) await store.execute({ kind: 'revokeToken', principal, id, now })
  }

  return { headers, keys, register }
}

/** The public URL of the servers under test. */
const OWN_ISSUER = 'http://127.0.0.1:8080'
