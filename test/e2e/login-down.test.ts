/**
 * A whole broker in required mode whose login is not there when it starts: it starts, says so, lets nobody in whom it does not know, and goes on as
 * soon as the login is there.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '@portolan/broker'
import { formatProblem, loadConfig } from '@portolan/broker/config'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { createLog } from '../../apps/broker/src/observe/log.ts'
import { freePorts } from '../../demo/src/free-ports.ts'
import { until } from '../harness/until.ts'
import { keep } from '../leaks/remains.ts'
import { makeSecret } from '../leaks/secrets.ts'
import { GROUPS } from '../login/people.ts'
import { CLIENTS } from '../login/service.ts'
import { startStandIn } from '../login/stand-in.ts'

it('a broker starts while its login is down, says so beside its readiness and in its log, and lets people in once it is there', async () => {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'portolan-login-down-'))
  started.defer(() => rm(folder, { recursive: true }))
  const [port = 0] = await freePorts(1)
  const issuer = `http://127.0.0.1:${port}/oidc/`
  const auth = {
    issuers: [{ issuer, clientId: 'service', clientSecretRef: 'env:LOGIN_SECRET', entitlementAuthorities: ['aai.lifescience-ri.eu'] }],
  }
  const file = join(folder, 'portolan.yaml')
  await writeFile(file, stringify({ server: { port: 0 }, auth, projects: [{ id: 'cancer', members: [GROUPS.cancer] }] }))
  const config = await loadConfig({ file, env: { LOGIN_SECRET: makeSecret('service') }, cwd: folder })
  if (config.kind === 'problems') throw new Error(config.problems.map(formatProblem).join('\n'))
  const lines: string[] = []
  const write = (line: string): void => {
    keep('log', 'a broker whose login is down', line)
    lines.push(line)
  }
  const broker = await startBroker(config, { log: createLog({ level: 'debug', destination: { write } }), accessSink: write })
  started.defer(() => broker.stop())

  const readiness = async () => {
    const { status, ...answer } = await fetch(`${broker.url}/readyz`).then(async got => ({ status: got.status, ...(await got.json()) }))
    expect({ status, ready: answer.ready, problems: answer.problems }).toEqual({ status: 200, ready: true, problems: [] })
    return answer.notes
  }
  await until('the login is missed', async () => (await readiness()).length > 0)
  expect(await readiness()).toEqual([`The login ${issuer} cannot be reached. Try again later.`])
  const said = lines.map(line => JSON.parse(line)).filter(({ msg }) => String(msg).startsWith('a login cannot be asked'))
  expect(said).toMatchObject([{ level: 40, issuer, reason: `The login ${issuer} cannot be reached. Try again later.` }])

  const login = started.use(await startStandIn({ clients: CLIENTS, port }))
  const token = await login.mintAccessToken({ person: 'alice', client: 'service', scopes: ['openid', 'eduperson_entitlement'] })
  const projects = () => fetch(`${broker.url}/portolan/v1/projects`, { headers: { authorization: `Bearer ${token}` } })
  await until('alice is let in', async () => {
    const answer = await projects()
    if (answer.status === 200) return true
    expect([answer.status, answer.headers.has('retry-after')]).toEqual([503, true])
    return false
  })
  expect(await (await projects()).json()).toMatchObject({ projects: [{ id: 'cancer' }] })
  await until('nothing is amiss', async () => (await readiness()).length === 0)
  expect(lines.join('\n')).toContain('a login is back')
  expect(lines.join('\n')).not.toContain(token)
  expect(lines.join('\n')).not.toContain(makeSecret('service'))
})
