/**
 * The broker as a process: reads its flags, prints `portolan listening on URL`, and ends on SIGTERM, SIGHUP or SIGINT with exit code 0 when every
 * request has had its answer, or with 130 at once on a second SIGINT. A configuration with mistakes ends it with exit code 2 and all of them;
 * anything else unforeseen with 1.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { startBroker } from './broker.ts'
import { type Config, formatReport, loadConfig } from './config.ts'
import { setCollector } from './start/collector.ts'
import { hearEndSignals } from './start/end-signals.ts'
import { startWithin } from './start/start-bounds.ts'
import { StartRefused } from './start/start-refused.ts'

const USAGE = `usage: portolan broker [--config FILE] [--port N]

  --config FILE  the configuration; default: the environment's PORTOLAN_CONFIG, else open on loopback and without sites
  --port N       listens on this port, whatever server.port says; 0: any free one
  --help         shows this`
const EXIT_FAILED = 1
const EXIT_MISUSED = 2
const EXIT_INTERRUPTED = 130

/** No request to end may be overheard: a start that hangs could not be ended otherwise. */
const START_MS = 120_000
const START_GRACE_MS = 3_000

interface Flags {
  readonly config?: string | undefined
  readonly port?: number | undefined
  readonly help?: boolean | undefined
}

/** The flags, or what is wrong with them. */
function readFlags(): Flags | string {
  try {
    const { values } = parseArgs({
      options: { config: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
    if (values.help === true) return { help: true }
    if (values.port === undefined) return { config: values.config }
    if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
      return `--port: ${values.port} is not a port; give a number from 0 to 65535`
    return { config: values.config, port: Number(values.port) }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function run(): Promise<number> {
  setCollector()
  const flags = readFlags()
  if (typeof flags === 'string') {
    process.stderr.write(`${flags}\n${USAGE}\n`)
    return EXIT_MISUSED
  }
  if (flags.help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const loaded = await loadConfig({ file: flags.config, env: process.env, cwd: process.cwd() })
  process.stderr.write(formatReport(loaded.kind === 'problems' ? loaded.problems : [], loaded.warnings))
  if (loaded.kind === 'problems') return EXIT_MISUSED
  const config: Config = flags.port === undefined ? loaded : { ...loaded, server: { ...loaded.server, port: flags.port } }
  const ended = hearEndSignals({ signals: process, now: () => performance.now(), warn, endAtOnce: interrupt })
  const outcome = await startWithin({ start: () => startBroker(config), ended, startMs: START_MS, graceMs: START_GRACE_MS })
  if (outcome.kind !== 'started') return endAtOnce(outcome.kind)
  process.stdout.write(`portolan listening on ${outcome.started.url}\n`)
  await ended
  await outcome.started.stop()
  return 0
}

/** Threads that hang inside the system would keep an orderly exit waiting. */
function endAtOnce(kind: 'overdue' | 'cut'): number {
  const why = kind === 'cut' ? 'it was to end while it started' : `it has not started within ${START_MS / 1000} s`
  process.stderr.write(`portolan: ${why}, and the start hangs; look at the file systems of store.path and keys.dir\n`)
  process.kill(process.pid, 'SIGKILL')
  return EXIT_FAILED
}

function warn(): void {
  process.stderr.write(
    'portolan: it ends already, within ten seconds; another SIGINT (Ctrl-C) ends it at once, and cuts answers under way\n',
  )
}

/** What is acknowledged is on disk, so nothing is lost but answers. */
function interrupt(): void {
  process.stderr.write('portolan: interrupted again, so it ends at once; answers under way are cut\n')
  process.exit(EXIT_INTERRUPTED)
}

/** What stands in the way is said in a sentence; what nobody foresaw is shown with its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error instanceof StartRefused ? error.message : (error.stack ?? error.message)
}

try {
  process.exitCode = await run()
} catch (error) {
  process.stderr.write(`portolan: ${describe(error)}\n`)
  process.exitCode = EXIT_FAILED
}
