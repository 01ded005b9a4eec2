/**
 * The row `keycloak`: a real Keycloak between the broker and a login, as federations run it. People log in through it from start to end, and are
 * admitted by a group that only Keycloak knows.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePorts } from '../../demo/src/free-ports.ts'
import { endProgram, startProgram } from '../../demo/src/processes.ts'
import { logInAtBroker, wordsOf } from '../harness/visitor.ts'
import { GROUPS } from '../login/people.ts'
import { startStandIn } from '../login/stand-in.ts'
import { issuerOf, KEYCLOAK_NEEDS, startKeycloak } from './keycloak.ts'
import { UPSTREAM_ALIAS } from './keycloak-realm.ts'
import type { Row, Stage } from './row.ts'

const REALM = 'portolan'
const CLIENT = 'broker'
/** What Keycloak is called at the login behind it. */
const UPSTREAM_CLIENT = 'keycloak'
/** A group of the realm, and how the rules of the broker name it. */
const GROUP = 'site-a'
const PREFIX = 'keycloak:'
const SECRET = 'KEYCLOAK_CLIENT_SECRET'

export const KEYCLOAK_ROW: Row = {
  name: 'keycloak',
  shows: 'people log in through a real Keycloak that brokers a login, and a group that only Keycloak knows admits them',
  needs: KEYCLOAK_NEEDS,
  limitSeconds: 480,
  run: runRow,
}

async function runRow({ folder, signal, say }: Stage): Promise<void> {
  await using running = new AsyncDisposableStack()
  const [http = 0, management = 0, port = 0] = await freePorts(3)
  const issuer = issuerOf({ http, management }, REALM)
  const brokerUrl = `http://127.0.0.1:${port}`
  const [secret, upstreamSecret] = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')]
  const login = running.use(
    await startStandIn({
      clients: [
        {
          ...{ id: UPSTREAM_CLIENT, secret: upstreamSecret, grants: ['authorization_code', 'refresh_token'] },
          redirectUris: [`${issuer}/broker/${UPSTREAM_ALIAS}/endpoint`],
        },
      ],
    }),
  )
  running.use(
    await startKeycloak(
      folder,
      { http, management },
      {
        realm: REALM,
        upstream: { issuer: login.issuer, clientId: UPSTREAM_CLIENT, secret: upstreamSecret },
        client: { id: CLIENT, secret, redirectUris: [`${brokerUrl}/app/callback/keycloak`, `${brokerUrl}/app`] },
        group: { name: GROUP, entitlement: GROUPS.cancer },
      },
      signal,
    ),
  )
  say('Keycloak is up, with the login behind it')
  const config = join(folder, 'portolan.yaml')
  await writeFile(config, stringify(describeBroker(folder, port, issuer, login.issuer)))
  const broker = await startProgram('apps/broker/src/main.ts', ['--config', config], { [SECRET]: secret }, join(folder, 'broker.log'))
  running.defer(async () => void (await endProgram(broker, 'SIGTERM')))

  const alice = await logInAtBroker(brokerUrl, 'alice', { login: 'keycloak' })
  assert.equal(alice.page.status, 200, wordsOf(alice.page))
  for (const said of ['Alice Test', 'Site A'])
    assert.ok(wordsOf(alice.page).includes(said), `"${said}" is not on the page: ${wordsOf(alice.page)}`)
  say('alice is logged in, and in the project of a group that only Keycloak knows')
  const bob = await logInAtBroker(brokerUrl, 'bob', { login: 'keycloak' })
  assert.ok(wordsOf(bob.page).includes(`${PREFIX}/${GROUP}`), `bob is not told of the group: ${wordsOf(bob.page)}`)
  assert.ok(!wordsOf(bob.page).includes('Site A'), `bob is in the project: ${wordsOf(bob.page)}`)
  say('bob is logged in, too, and is told which group he lacks')
}

function describeBroker(folder: string, port: number, issuer: string, upstream: string): object {
  return {
    server: { host: '127.0.0.1', port, publicUrl: `http://127.0.0.1:${port}` },
    store: { kind: 'sqlite', path: join(folder, 'portolan.db') },
    keys: { dir: join(folder, 'keys') },
    auth: {
      mode: 'required',
      issuers: [
        {
          ...{ issuer, id: 'keycloak', name: 'Keycloak', clientId: CLIENT, clientSecretRef: `env:${SECRET}` },
          ...{ scopes: ['openid', 'profile', 'email'], groupsClaim: 'groups', groupPrefix: PREFIX },
          upstream: { issuer: upstream, subjectClaim: 'linked_sub' },
        },
      ],
    },
    projects: [{ id: GROUP, name: 'Site A', members: [`${PREFIX}/${GROUP}`] }],
  }
}
