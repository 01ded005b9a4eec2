/**
 * The broker as it is measured: the whole of it in required mode, with its real store, token and owner checks, limits, metrics, and an access log to a
 * file. Asked `watch`, it begins to measure its own event loop; asked `report`, it says what it saw.
 */
import { createWriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { startBroker } from '../../apps/broker/src/broker.ts'
import { type Config, loadConfig } from '../../apps/broker/src/config.ts'
import { createLog } from '../../apps/broker/src/observe/log.ts'
import { setCollector } from '../../apps/broker/src/start/collector.ts'
import { fillRunning, fillStore, openBenchStore, siteId } from './bench-store.ts'
import { describeBroker, introduceCaller } from './caller.ts'
import { openBenchFolder, readArgument } from './child.ts'

export interface BrokerArgument {
  /** Each commit takes this much longer. */
  readonly commitDelayMs: number
  /** So many tasks are in the store before it starts. */
  readonly stored: number
  /** So many tasks run at its sites before it starts. */
  readonly running: number
  /** The port of a fleet, and how many of its sites the broker knows. */
  readonly fleet: number
  readonly sites: number
  /** Default: the API alone. */
  readonly roles: Config['server']['roles']
}

export interface BrokerReport {
  readonly loopDelayP99Ms: number
  readonly residentMb: number
}

setCollector()
const { commitDelayMs, stored = 0, running = 0, fleet = 0, sites = 0, roles = ['api'] } = readArgument<BrokerArgument>()
const folder = openBenchFolder()
if (stored > 0) await fillStore(folder, stored)
if (running > 0) await fillRunning(folder, running, sites)
const file = join(folder, 'portolan.yaml')
writeFileSync(file, JSON.stringify({ ...describeBroker(), sites: Array.from({ length: sites }, (_, number) => describeSite(number)) }))
await introduce()
const config = await loadConfig({ file, env: {}, cwd: folder })
if (config.kind === 'problems') throw new Error(JSON.stringify(config.problems))
const accessFile = createWriteStream(join(folder, 'access.log'))
const logFile = createWriteStream(join(folder, 'broker.log'))
const { url } = await startBroker(
  { ...config, server: { ...config.server, port: 0, roles } },
  { accessSink: lines => void accessFile.write(lines), log: createLog({ destination: logFile }), storeSwitches: { commitDelayMs } },
)
const delays = monitorEventLoopDelay({ resolution: 1 })
process.on('message', question => {
  if (question === 'watch') {
    delays.reset()
    delays.enable()
  }
  process.send?.({ loopDelayP99Ms: delays.percentile(99) / 1e6, residentMb: process.memoryUsage().rss / 1e6 } satisfies BrokerReport)
})
process.send?.(Number(new URL(url).port))

function describeSite(number: number): object {
  return { id: siteId(number), url: `http://127.0.0.1:${fleet}/${number}`, place: { country: 'DE' }, limits: { requestsPerSecond: 50 } }
}

async function introduce(): Promise<void> {
  await using store = await openBenchStore(folder)
  await introduceCaller(store.login)
}
