/**
 * A login that repeats in its answers what it was sent, or what it knows: none of it gets into the broker's log, nor onto the page.
 */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { keep } from '../../../../test/leaks/remains.ts'
import { MARKER, makeSecret } from '../../../../test/leaks/secrets.ts'
import { spellingsOf } from '../../../../test/leaks/spellings.ts'
import { startBroker } from '../../src/broker.ts'
import { formatProblem, loadConfig } from '../../src/config.ts'
import { createLog } from '../../src/observe/log.ts'

const SECRET = makeSecret('service')
const CODE = makeSecret('code')

interface Reply {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

const json = (status: number, body: unknown): Reply => ({ status, body: JSON.stringify(body) })
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const tokens = (idToken: object): Reply =>
  json(200, {
    access_token: SECRET,
    token_type: 'bearer',
    refresh_token: SECRET,
    id_token: `${part({ alg: 'RS256', kid: SECRET })}.${part(idToken)}.AAAA`,
  })

/** What the token endpoint answers, and what the broker's page then has for a status. */
const ROWS: readonly (readonly [title: string, reply: Reply, status: number])[] = [
  ['in the description of invalid_grant', json(400, { error: 'invalid_grant', error_description: `${CODE} and ${SECRET}` }), 502],
  ['in the description of invalid_client', json(401, { error: 'invalid_client', error_description: SECRET }), 503],
  ['in a code of its own', json(400, { error: SECRET, error_description: 'x', error_uri: `https://login.example/${CODE}` }), 503],
  [
    'in depth, as JSON within JSON',
    json(400, { error: 'invalid_request', error_description: JSON.stringify({ a: JSON.stringify({ client_secret: SECRET }) }) }),
    503,
  ],
  ['in further fields', json(400, { error: 'invalid_request', note: SECRET, more: { of: [CODE] } }), 503],
  [
    'in WWW-Authenticate',
    { status: 401, body: CODE, headers: { 'www-authenticate': `Basic realm="${SECRET}", error="${SECRET}", error_description="${CODE}"` } },
    503,
  ],
  ['in a page', { status: 200, body: `<p>${SECRET}`, headers: { 'content-type': 'text/html' } }, 503],
  ['in what is no JSON', { status: 200, body: CODE }, 503],
  ['in JSON that breaks off', { status: 200, body: `{"${SECRET}` }, 503],
  ['in the type of a token', json(200, { access_token: SECRET, token_type: SECRET }), 503],
  ['in tokens without an ID token', json(200, { access_token: SECRET, token_type: 'bearer', refresh_token: SECRET, scope: CODE }), 503],
  ['in an ID token of another', tokens({ iss: SECRET, sub: CODE, aud: SECRET, exp: 4e9, iat: 1 }), 502],
  [
    'in an ID token whose JSON breaks off',
    json(200, { access_token: CODE, token_type: 'bearer', id_token: `e30.${btoa(SECRET)}.AA` }),
    502,
  ],
  ['in an error of its own', json(500, { error: 'server_error', error_description: SECRET }), 503],
]

let reply: Reply
let broker: string
const lines: string[] = []
const owned = new AsyncDisposableStack()

beforeAll(async () => {
  const issuer = await startLogin()
  const folder = await mkdtemp(join(tmpdir(), 'portolan-repeats-'))
  owned.defer(() => rm(folder, { recursive: true }))
  const file = join(folder, 'portolan.yaml')
  const login = { issuer, id: 'ls', name: 'LS', clientId: 'portolan', clientSecretRef: 'env:SERVICE_SECRET' }
  await writeFile(file, stringify({ server: { port: 0 }, auth: { mode: 'required', issuers: [login] } }))
  const config = await loadConfig({ file, env: { SERVICE_SECRET: SECRET }, cwd: folder })
  if (config.kind === 'problems') throw new Error(config.problems.map(formatProblem).join('\n'))
  const write = (line: string): void => {
    lines.push(line)
    keep('log', 'a broker whose login repeats what it is sent', line)
  }
  const started = await startBroker(config, { log: createLog({ level: 'trace', destination: { write } }), accessSink: write })
  owned.defer(() => started.stop())
  broker = started.url
})
afterAll(() => owned.disposeAsync())

async function startLogin(): Promise<string> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    await text(request)
    const { status, body, headers } = request.url === '/t' ? reply : json(200, request.url === '/j' ? { keys: [] } : metadata)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }
  const server = createServer((request, response) => void answer(request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}a`,
    token_endpoint: `${issuer}t`,
    jwks_uri: `${issuer}j`,
    response_types_supported: ['code'],
  }
  owned.defer(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return issuer
}

/** What there is of the marker of secrets, if only a piece of one. */
function piecesIn(written: string): readonly string[] {
  return spellingsOf(MARKER.slice(0, 16)).flatMap(({ how, spelling }) => (written.includes(spelling) ? [how] : []))
}

describe('T09 a login that repeats a secret', () => {
  it.each(ROWS)('%s: no word of it is in the log or on the page, and the log says that the login failed', async (_, given, status) => {
    const there = await fetch(`${broker}/app/login?issuer=ls`, { redirect: 'manual' })
    const [cookie = ''] = there.headers.getSetCookie().map(line => line.split(';')[0])
    const state = new URL(there.headers.get('location') ?? '').searchParams.get('state') ?? ''
    reply = given
    const before = lines.length
    const page = await fetch(`${broker}/app/callback/ls?${new URLSearchParams({ code: CODE, state })}`, { headers: { cookie } })
    const shown = await page.text()
    const written = lines.slice(before).join('')
    expect([page.status, piecesIn(shown), piecesIn(written)]).toEqual([status, [], []])
    expect(written).not.toContain(state)
    expect(written).toContain('"level":50')
  })
})
