/**
 * A stand-in for LS-Login in this process: listens, and obeys commands.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { Provider } from 'oidc-provider'
import type { Command } from './control.ts'
import { guardEdge } from './edge.ts'
import type { Fault } from './faults.ts'
import { makeCounter, sufferFaults } from './front.ts'
import { issueToken } from './grants.ts'
import { makeKeyRing } from './keys.ts'
import { serveLogin } from './login-pages.ts'
import { openMemory } from './memory.ts'
import { openPeopleBook } from './people-book.ts'
import { makeProvider } from './provider.ts'
import { makeSeals, type Seals } from './seals.ts'
import type { Person, Settings } from './settings.ts'
import { openVisaOffice } from './visas.ts'

const HOST = '127.0.0.1'

export interface LoginServer {
  readonly issuer: string
  obey(command: Command): Promise<unknown>
  stop(): Promise<void>
}

export async function startLoginServer({ clients, people: everybody, port, accessTokens, refreshTokens }: Settings): Promise<LoginServer> {
  const server = createServer()
  await once(server.listen(port, HOST), 'listening')
  const origin = `http://${HOST}:${(server.address() as AddressInfo).port}`
  // The slash at the end is part of the name.
  const issuer = `${origin}/oidc/`

  const people = openPeopleBook(everybody)
  const memory = openMemory()
  const keys = await makeKeyRing()
  const visas = await openVisaOffice(origin)
  const provider = await makeProvider(issuer, { origin, clients, people, visas, memory, refreshTokens })
  const seals = makeSeals(provider, keys, accessTokens)
  let faults: readonly Fault[] = []
  guardEdge(provider, { keys, seals, people, faults: () => faults })

  const counter = makeCounter()
  const app = express()
  app.use(counter.count)
  app.use(
    '/oidc',
    sufferFaults(() => faults),
  )
  app.use(serveLogin(provider, { people, faults: () => faults }))
  app.get('/visas/jwk', (_request, response) => {
    response.json(visas.show())
  })
  app.use('/oidc', provider.callback())
  server.on('request', app)

  function called(hint: string): Person {
    const person = people.find(hint)
    if (person === undefined)
      throw new Error(
        `nobody is called ${hint}: name one of ${people
          .all()
          .map(({ id }) => id)
          .join(', ')}`,
      )
    return person
  }

  return {
    issuer,
    async obey(command) {
      switch (command.kind) {
        case 'faults':
          faults = command.faults
          return undefined
        case 'claims':
          return people.setClaims(called(command.person), command.claims)
        case 'rotate':
          return keys.rotate(command.overlap)
        case 'revoke':
          return memory.forget(called(command.person).sub)
        case 'requests':
          return counter.read()
        case 'mint':
          return mint(provider, seals, command, called(command.person))
      }
    },
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

type Mint = Extract<Command, { kind: 'mint' }>

/** A token whose time is over is one that the provider does not know any more. */
async function mint(provider: Provider, seals: Seals, command: Mint, { sub }: Person): Promise<string> {
  const { client: clientId, scopes, ttlSeconds, claims, signedWith } = command
  const client = await provider.Client.find(clientId)
  if (client === undefined) throw new Error(`no client is called ${clientId}`)
  const wanted = { client, accountId: sub, scope: scopes.join(' '), expiresInSeconds: Math.max(1, ttlSeconds), gty: 'minted' }
  const value = await issueToken(provider, wanted)
  const iat = Math.floor(Date.now() / 1000)
  const sealed = await seals.seal(value, { claims: { exp: iat + ttlSeconds, ...claims }, signedWith })
  if (ttlSeconds <= 0) await (await provider.AccessToken.find(value))?.destroy()
  return sealed
}
