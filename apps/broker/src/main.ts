/**
 * The broker as a process: reads its flags, prints `portolan listening on URL`, and ends on SIGTERM or SIGINT with exit code 0 when every request
 * has had its answer. A configuration with mistakes ends it with exit code 2 and all of them; anything else unforeseen with 1.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { startBroker } from './broker.ts'
import { type Config, formatReport, loadConfig } from './config.ts'

const USAGE = 'usage: portolan broker [--config FILE] [--port N]'
const EXIT_FAILED = 1
const EXIT_MISUSED = 2

function readFlags(): { readonly config?: string | undefined; readonly port?: number | undefined } | string {
  try {
    const { values } = parseArgs({ options: { config: { type: 'string' }, port: { type: 'string' } } })
    if (values.port === undefined) return { config: values.config }
    if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
      return `--port: ${values.port} is not a port; give a number from 0 to 65535`
    return { config: values.config, port: Number(values.port) }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function run(): Promise<number> {
  const flags = readFlags()
  if (typeof flags === 'string') {
    process.stderr.write(`${flags}\n${USAGE}\n`)
    return EXIT_MISUSED
  }
  const loaded = await loadConfig({ file: flags.config, env: process.env, cwd: process.cwd() })
  process.stderr.write(formatReport(loaded.kind === 'problems' ? loaded.problems : [], loaded.warnings))
  if (loaded.kind === 'problems') return EXIT_MISUSED
  const config: Config = flags.port === undefined ? loaded : { ...loaded, server: { ...loaded.server, port: flags.port } }
  const ended = endSignal()
  const broker = await startBroker(config)
  process.stdout.write(`portolan listening on ${broker.url}\n`)
  await ended
  await broker.stop()
  return 0
}

function endSignal(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
}

try {
  process.exitCode = await run()
} catch (error) {
  process.stderr.write(`portolan: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = EXIT_FAILED
}
