/**
 * One simulated afternoon: a few sites, a dozen tasks, a minute of faults of every kind, and then quiet. What must never happen is looked for
 * at every write and every creation of a task at a site, and what must have happened in the end.
 */
import { isFinal, type SiteId } from '../../src/index.ts'
import { isEnd } from '../../src/site-states.ts'
import { T0, workId } from '../tracking-builders.ts'
import { SimBroker } from './sim-broker.ts'
import { SimSite, type SiteTask } from './sim-site.ts'
import { SimStore } from './sim-store.ts'
import { type Mistake, TIMES, World } from './world.ts'

const FAULTS_END = T0 + 60_000
/** The latest request applied too late, then the settle time, two sweeps and a margin for the answers. */
const REAPED_BY = FAULTS_END + TIMES.siteTimeoutMs + TIMES.settleMs + 8000 + TIMES.settleMs + 4 * TIMES.sweepMs + 4000
/** Every retry may take a whole run, and the last doubt as long as makes a site lost. */
const END = FAULTS_END + 8 * TIMES.lostAfterMs

export function simulate(seed: number, mistake?: Mistake): World {
  const world = new World(seed, mistake)
  const { clock, chance } = world
  const store = new SimStore(world)
  const sites = new Map<SiteId, SimSite>()
  for (const name of ['bielefeld', 'charite', 'surf', 'tuebingen'].slice(0, chance.between(2, 4))) {
    const site = new SimSite(name, world, task => checkAlone(world, store, sites, task))
    sites.set(site.id, site)
    planOutages(world, site)
    planAmnesia(world, site)
  }
  const brokers = [new SimBroker(world, store, sites)]
  planCrashes(
    world,
    () => brokers.at(-1),
    () => brokers.push(new SimBroker(world, store, sites)),
  )
  planUsers(world, store, () => brokers.at(-1))
  clock.at(FAULTS_END, () => {
    world.faulty = false
    for (const site of sites.values()) site.up = true
  })
  clock.runUntil(REAPED_BY)
  checkFollowed(world, store, sites)
  clock.runUntil(END)
  checkEnded(world, store, sites)
  return world
}

function planUsers(world: World, store: SimStore, broker: () => SimBroker | undefined): void {
  const { clock, chance } = world
  const count = chance.between(6, 20)
  for (let number = 1; number <= count; number += 1) {
    const id = workId(`w${number}`)
    clock.at(T0 + chance.between(0, 40_000), () => {
      store.create(id, chance.is(0.4), chance.is(0.3) ? chance.between(500, 10_000) : undefined)
      broker()?.settle(id)
      if (!chance.is(0.2)) return
      clock.after(chance.is(0.3) ? chance.between(0, 30) : chance.between(0, 30_000), () => {
        store.requestCancel(id, clock.now)
        world.count('cancelled')
        broker()?.settle(id)
      })
    })
  }
}

function planOutages(world: World, site: SimSite): void {
  const { clock, chance } = world
  for (let begin = chance.between(0, 60_000); begin < 60_000; begin += chance.between(10_000, 80_000)) {
    const lasts = chance.is(0.3) ? chance.between(TIMES.lostAfterMs, 2 * TIMES.lostAfterMs) : chance.between(100, 10_000)
    clock.at(T0 + begin, () => {
      if (!world.strikes('outage', 1)) return
      site.up = false
      clock.after(lasts, () => {
        site.up = true
      })
    })
  }
}

function planAmnesia(world: World, site: SimSite): void {
  const { clock, chance } = world
  if (chance.is(0.3)) clock.at(T0 + chance.between(0, 60_000), () => forgetSome(world, site, 0.2))
  if (chance.is(0.3)) clock.at(T0 + chance.between(10_000, 45_000), () => forgetSome(world, site, 1))
}

function forgetSome(world: World, site: SimSite, part: number): void {
  for (const task of site.tasks.values()) if (world.strikes('forgotten', part)) site.forget(task)
}

/** A crash loses the memory; a takeover leaves the old broker running, which then may write no more. */
function planCrashes(world: World, current: () => SimBroker | undefined, start: () => void): void {
  const { clock, chance } = world
  for (let count = chance.between(0, 6); count > 0; count -= 1) {
    clock.at(T0 + chance.between(0, 60_000), () => {
      if (chance.is(0.3)) {
        world.count('takenOver')
        start()
      } else {
        world.count('crashed')
        current()?.crash()
        clock.after(chance.between(1, 3000), start)
      }
    })
  }
}

/** I2 as the sites see it: nothing else of the same work item lives when a task arrives, unless no broker could help it. */
function checkAlone(world: World, store: SimStore, sites: ReadonlyMap<SiteId, SimSite>, task: SiteTask): void {
  for (const site of sites.values()) {
    for (const other of site.tasks.values()) {
      if (other === task || other.work !== task.work || other.excused || task.excused) continue
      if (other.attempt === task.attempt) world.violate('I2', `${task.attempt} was created twice: ${other.id} and ${task.id}`)
      else if (site.isAlive(other) && store.attempts.get(other.attempt)?.givenUpAt === undefined) {
        world.violate('I2', `${task.id} of ${task.attempt} arrived while ${other.id} of ${other.attempt} lived`)
      }
    }
  }
}

function checkFollowed(world: World, store: SimStore, sites: ReadonlyMap<SiteId, SimSite>): void {
  for (const site of sites.values()) {
    for (const task of site.tasks.values()) {
      const attempt = store.attempts.get(task.attempt)
      const followed = attempt !== undefined && attempt.siteTaskId === task.id && !isFinal(attempt)
      if (site.isAlive(task) && !followed) world.violate('I4', `${task.id} of ${task.attempt} (${attempt?.state}) is nobody's`)
    }
  }
}

function checkEnded(world: World, store: SimStore, sites: ReadonlyMap<SiteId, SimSite>): void {
  for (const work of store.works.values()) {
    const attempts = store.attemptsOf(work.id)
    const told = attempts.map(attempt => `${attempt.site}:${attempt.state}`).join(' ')
    if (!isEnd(work.state)) world.violate('I11', `${work.id} is ${work.state} (${told})`)
    const finished = attempts.some(attempt => attempt.givenUpAt === undefined && attempt.end?.outcome === 'COMPLETE')
    if (work.state === 'COMPLETE' && !finished) world.violate('I1', `${work.id} is COMPLETE without a result (${told})`)
    const tooLong = attempts.some(attempt => attempt.overrun !== undefined)
    if (tooLong && work.maxRunMs === undefined) world.violate('I1', `${work.id} was cut off without a limit (${told})`)
    if (work.cancelRequestedAt === undefined && work.state === 'CANCELED') world.violate('I1', `${work.id} was cancelled by nobody`)
    const late = attempts.find(attempt => attempt.createdAt > (work.cancelRequestedAt ?? END))
    if (late !== undefined) world.violate('I5', `${late.id} began after the cancel`)
  }
  for (const site of sites.values()) {
    for (const task of site.tasks.values()) if (site.isAlive(task)) world.violate('I11', `${task.id} of ${task.attempt} never ended`)
  }
}
