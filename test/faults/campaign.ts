/**
 * One run of kills: writers write, the broker is killed and started again so many times, then faults stop and everything must come to rest.
 */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { bearer } from '@portolan/ga4gh'
import { isTerminal } from '@portolan/tes'
import { createTesClient } from '@portolan/tes/client'
import { SYSTEM } from '../../apps/broker/src/auth/principal.ts'
import { openKeyRing } from '../../apps/broker/src/stores/key-ring.ts'
import { openSqliteStore } from '../../apps/broker/src/stores/sqlite-store.ts'
import type { WorkRow } from '../../apps/broker/src/stores/store.ts'
import { endProgram } from '../../demo/src/processes.ts'
import { chooseAim, waitForMoment, watchSubmissions } from './aim.ts'
import type { Evidence, StoredWork } from './judge.ts'
import { randomOf } from './random.ts'
import { buildWorld, readJournals, type World } from './world.ts'
import { startWriters, WRITERS } from './writers.ts'

/** When faults have stopped, everything has to end within this time (I11). */
export const BOUND_MS = 120_000
const POLL_MS = 500
/** All writers send before a kill, which comes with one of the first answers or amid the others, and after this time at the latest. */
const RUSH_MAX_MS = 400

export interface CampaignOptions {
  readonly kills: number
  readonly seed: number
  /** Flags of `broker-under-test.ts`. */
  readonly switches: readonly string[]
  readonly say: (line: string) => void
}

export async function runCampaign({ kills, seed, switches, say }: CampaignOptions): Promise<Evidence> {
  const random = randomOf(seed)
  await using world = await buildWorld(switches)
  using submissions = watchSubmissions(world.sites)
  const token = await world.makeToken()
  let broker = await world.startBroker()
  const writers = startWriters(Number(new URL(world.brokerUrl).port), token, randomOf(seed + 1))
  const killedAt: number[] = []
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const aim = chooseAim(random)
      await waitForMoment(aim, random, submissions)
      await writers.rush(random.between(1, WRITERS), RUSH_MAX_MS)
      const exit = once(broker.process, 'exit')
      killedAt.push(Date.now())
      broker.process.kill('SIGKILL')
      await exit
      broker = await world.startBroker()
      const cut = writers.creates.filter(({ id }) => id === undefined).length
      say(`kill ${String(kill).padStart(3)} of ${kills}, ${aim.padEnd(5)}: ${writers.creates.length - cut} acknowledged, ${cut} not`)
    }
  } finally {
    await writers.stop()
  }
  const settledMs = await settle(world, token)
  const exitCode = await endProgram(broker, 'SIGTERM')
  return {
    kills: killedAt,
    creates: writers.creates,
    journals: await readJournals(world.sites),
    ...(await readStore(world)),
    settledMs,
    exitCode,
  }
}

/** Waits until no task of the broker and none at a site is under way. Answers how long that took; undefined: longer than the bound. */
async function settle({ brokerUrl, sites }: World, token: string): Promise<number | undefined> {
  const startedAt = Date.now()
  const broker = createTesClient({ url: `${brokerUrl}/ga4gh/tes/v1`, auth: bearer(token) })
  const servers = [broker, ...sites.map(({ url }) => createTesClient({ url }))]
  while (Date.now() - startedAt < BOUND_MS) {
    const resting = await Promise.all(servers.map(rests))
    if (resting.every(Boolean)) return Date.now() - startedAt
    await delay(POLL_MS)
  }
  return undefined
}

async function rests(server: ReturnType<typeof createTesClient>): Promise<boolean> {
  for await (const { state } of server.listTasks({ view: 'MINIMAL' })) if (!isTerminal(state)) return false
  return true
}

async function readStore({ storePath, keysFolder }: World): Promise<Pick<Evidence, 'works' | 'chain'>> {
  await using store = await openSqliteStore({ path: storePath, keys: await openKeyRing(keysFolder) })
  const works: StoredWork[] = []
  let after: WorkRow['id'] | undefined
  do {
    const page = await store.listWork(SYSTEM, { tags: [] }, { size: 1_000, after, kind: 'task' })
    for (const row of page.rows) works.push({ row, attempts: store.getAttempts(SYSTEM, row.id), events: store.getEvents(SYSTEM, row.id) })
    after = page.next
  } while (after !== undefined)
  return { works, chain: await store.verifyEvents(SYSTEM) }
}
