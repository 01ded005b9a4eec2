/**
 * The rows `site-podman`, `site-docker` and `site-bwrap`: our own site with a real runtime under it. First the whole demo, with its kills, then the
 * scenarios of one site. At the end nothing may be left.
 */
import assert from 'node:assert/strict'
import { SITES } from '../../demo/src/world.ts'
import type { Need } from './needs.ts'
import type { Row } from './row.ts'
import { runDemo } from './run-demo.ts'
import { type ContainerEvent, DOCKER, openRuntime, type Runtime, type RuntimeHome } from './runtime-home.ts'
import { SITE_ID } from './runtime-site.ts'
import { runScenarios } from './scenarios.ts'

const TOOLS: readonly Need[] = [
  { program: 'ldd', package: 'libc-bin' },
  { program: 'tar', package: 'tar' },
  { program: 'prlimit', package: 'util-linux' },
]

const PODMAN: readonly Need[] = [
  { program: 'podman', package: 'podman' },
  { program: 'runc', package: 'runc' },
]

interface RuntimeFacts {
  readonly needs: readonly Need[]
  readonly shows: string
  /** The sites that must have started containers. */
  readonly sites: readonly string[]
}

const RUNTIMES: Readonly<Record<Runtime, RuntimeFacts>> = {
  podman: {
    needs: PODMAN,
    sites: [...SITES, SITE_ID],
    shows: 'the demo and one site’s own scenarios, every executor in a container of podman',
  },
  docker: {
    needs: [...PODMAN, { program: DOCKER, package: 'podman-docker' }],
    sites: [SITE_ID],
    shows: 'one site’s own scenarios, every executor in a container that the docker command of Debian’s podman-docker runs',
  },
  bwrap: {
    sites: [],
    needs: [{ program: 'bwrap', package: 'bubblewrap' }],
    shows: 'the demo and one site’s own scenarios, every executor in bubblewrap on the root of an image',
  },
}

export function siteRow(runtime: Runtime): Row {
  const { needs, shows, sites } = RUNTIMES[runtime]
  return {
    name: `site-${runtime}`,
    shows,
    needs: [...needs, ...TOOLS],
    limitSeconds: 400,
    async run({ folder, cleanup, signal, say }) {
      const home = cleanup.use(await openRuntime(runtime, folder))
      say(`an image of this machine's programs is ready: ${home.image}`)
      // The same program runs both, and the demo has no words that the scenarios lack.
      if (runtime !== 'docker') {
        await runDemo(home, folder, signal)
        say('the demo: all went as said')
      }
      await runScenarios(home, folder, signal, say)
      checkContainers(await home.listEvents(), sites)
      await checkNothingLeft(home)
    },
  }
}

/** Every one of the sites used containers, none started twice although sites were killed and started again, and all are gone. */
function checkContainers(events: readonly ContainerEvent[], sites: readonly string[]): void {
  const of = (status: string) =>
    events.filter(event => event.status === status && event.name.startsWith('portolan-')).map(({ name }) => name)
  const started = of('start')
  for (const site of sites)
    assert.ok(
      started.some(name => name.startsWith(`portolan-${site}-`)),
      `${site} has started no container`,
    )
  assert.deepEqual([...new Set(started)], started, 'a container was started twice')
  const removed = new Set(of('remove'))
  assert.deepEqual(
    of('create').filter(name => !removed.has(name)),
    [],
    'containers were not removed',
  )
}

async function checkNothingLeft(home: RuntimeHome): Promise<void> {
  assert.deepEqual(await home.listContainers(), [], 'containers are left')
}
