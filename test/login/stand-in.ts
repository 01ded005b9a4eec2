/**
 * Starts a stand-in for LS-Login as a process of its own, and steers it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import * as z from 'zod/mini'
import { type Command, Reply } from './control.ts'
import type { Fault, Signature } from './faults.ts'
import { PEOPLE } from './people.ts'
import type { Person, RegisteredClient } from './settings.ts'

const START_TIMEOUT_MS = 20_000

export interface StandInOptions {
  readonly clients: readonly z.input<typeof RegisteredClient>[]
  /** `PEOPLE` where none are given. */
  readonly people?: readonly Person[]
  /** A free one where none is given. */
  readonly port?: number
  /** LS-Login hands out JWTs. */
  readonly accessTokens?: 'jwt' | 'opaque'
  /** LS-Login keeps them; other logins replace each that is exchanged, and take an old one for a theft. */
  readonly refreshTokens?: 'kept' | 'rotated'
}

export interface WantedAccessToken {
  /** The id of a person. */
  readonly person: string
  /** The id of a client. */
  readonly client: string
  /** `openid` where nothing is said. */
  readonly scopes?: readonly string[]
  /** One hour where nothing is said. The time of a token with 0 or less is over. */
  readonly ttlSeconds?: number
  /** They go over the claims of the JWT, so that it can lie. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly signedWith?: Signature
}

export interface StandIn extends AsyncDisposable {
  /** With the slash at the end that is part of it. */
  readonly issuer: string
  readonly people: readonly Person[]
  /** From now on these faults and no others; with none given it is sound again. */
  setFaults(...faults: readonly Fault[]): Promise<void>
  /** Merges claims into those of a person; null removes one. Who asks next sees them. */
  setClaims(person: string, claims: Readonly<Record<string, unknown>>): Promise<void>
  /** Another key signs from now on; with `overlap` the key set still shows the old one. */
  rotateKeys(options: { readonly overlap: boolean }): Promise<void>
  /** Ends all tokens, refresh tokens and sessions of a person. */
  revokeTokens(person: string): Promise<void>
  /** How many requests came, by path, such as `/oidc/jwk`. */
  countRequests(): Promise<Readonly<Record<string, number>>>
  /** An access token without a login. */
  mintAccessToken(wanted: WantedAccessToken): Promise<string>
}

/** Rejects where the process does not come up. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { clients, people = PEOPLE, port = 0, accessTokens = 'jwt', refreshTokens = 'kept' } = options
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] })
  const ended = once(child, 'exit')
  child.stdin?.end(JSON.stringify({ clients, people, port, accessTokens, refreshTokens }))
  const issuer = await readIssuer(child)
  const tell = openChannel(child)

  return {
    issuer,
    people,
    async setFaults(...faults) {
      await tell({ kind: 'faults', faults: [...faults] })
    },
    async setClaims(person, claims) {
      await tell({ kind: 'claims', person, claims })
    },
    async rotateKeys({ overlap }) {
      await tell({ kind: 'rotate', overlap })
    },
    async revokeTokens(person) {
      await tell({ kind: 'revoke', person })
    },
    async countRequests() {
      return z.record(z.string(), z.number()).parse(await tell({ kind: 'requests' }))
    },
    async mintAccessToken({ person, client, scopes = ['openid'], ttlSeconds = 3_600, claims = {}, signedWith = 'own-key' }) {
      return z.string().parse(await tell({ kind: 'mint', person, client, scopes: [...scopes], ttlSeconds, claims, signedWith }))
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** What the process says on standard error is part of the rejection until it listens, and passed on from then. */
async function readIssuer(child: ChildProcess): Promise<string> {
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('the login was started without pipes')
  const remarks: Buffer[] = []
  stderr.on('data', (chunk: Buffer) => remarks.push(chunk))
  const overdue = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS)
  try {
    for await (const line of createInterface({ input: stdout })) {
      const [, issuer] = /^login listening on (\S+)$/.exec(line) ?? []
      if (issuer !== undefined) return issuer
    }
    await finished(stderr)
    throw new Error(`the login ended before it listened: ${Buffer.concat(remarks).toString()}`)
  } finally {
    clearTimeout(overdue)
    stderr.removeAllListeners('data').pipe(process.stderr)
  }
}

/** Answers what sends a command and waits for the reply. It rejects where the process refuses, or ends before it replies. */
function openChannel(child: ChildProcess): (command: Command) => Promise<unknown> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let sent = 0
  child.on('message', message => {
    const reply = Reply.parse(message)
    const asked = waiting.get(reply.number)
    waiting.delete(reply.number)
    if ('problem' in reply) asked?.reject(new Error(reply.problem))
    else asked?.resolve(reply.answer)
  })
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the login has ended'))
  })
  return command => {
    const number = ++sent
    const asked = Promise.withResolvers<unknown>()
    waiting.set(number, asked)
    child.send({ number, command }, error => {
      if (error !== null) asked.reject(error)
    })
    return asked.promise
  }
}
