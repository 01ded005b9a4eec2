/**
 * A broker that is killed in the middle of logins: what lies in the store is all that a login is made of.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, expect, it } from 'vitest'
import { type LoginWorld, prepareBrokerWithLogin } from '../harness/broker-with-login.ts'
import { until } from '../harness/until.ts'
import { leaveForLogin, wordsOf } from '../harness/visitor.ts'
import { openBrowser } from '../login/browser.ts'

const MAIN = join(import.meta.dirname, '../../apps/broker/src/main.ts')
const running = new Set<ChildProcess>()

afterEach(async () => {
  for (const child of running) await kill(child)
})

async function start({ file, folder, env, url }: LoginWorld): Promise<ChildProcess> {
  const child = spawn(process.execPath, [MAIN, '--config', file], { cwd: folder, env: { ...process.env, ...env }, stdio: 'ignore' })
  running.add(child)
  await until('the broker listens', () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  running.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

it('a login that has begun ends well, and a session goes on, though the broker is killed in between', async () => {
  await using world = await prepareBrokerWithLogin()
  const browser = openBrowser()
  let broker = await start(world)
  const back = await leaveForLogin(world.url, 'alice', { browser })
  await kill(broker)

  broker = await start(world)
  const home = await browser.open(back)
  expect(home.kind === 'page' && wordsOf(home)).toContain('Hello, Alice Test')
  await kill(broker)

  await start(world)
  const later = await browser.open(`${world.url}/app`)
  expect(later.kind === 'page' && wordsOf(later)).toContain('Hello, Alice Test')
  const again = await browser.open(back)
  expect(again.kind === 'page' && wordsOf(again)).toContain('This login was used already')
})
