/**
 * `pnpm demo`: the main job, start to end. Three sites and a broker start as processes of their own, real tasks on real sequence data are
 * submitted to the one endpoint, one site is killed on the way, and everything that is claimed is checked by code of the demo's own.
 * Exit code 0 only if all went as said. `DEMO_SHUFFLE=SEED` deals the files anew; `--keep` leaves everything running until Ctrl-C.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { runDemo } from './run.ts'
import { say } from './show.ts'

const USAGE = 'usage: pnpm demo [--keep] [--runner auto|podman|docker|bwrap|process] [--site-flag FLAG …]'

interface Flags {
  readonly keep?: boolean | undefined
  readonly runner?: string | undefined
  readonly 'site-flag'?: string[] | undefined
}

function readFlags(): Flags | undefined {
  try {
    return parseArgs({
      options: { keep: { type: 'boolean' }, runner: { type: 'string' }, 'site-flag': { type: 'string', multiple: true } },
    }).values
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
    return undefined
  }
}

/** What made it stop comes first: that a request was cut is only what follows. */
function sayFailure(error: unknown, signal: AbortSignal): string {
  const message = error instanceof Error ? error.message : String(error)
  const reason = signal.reason instanceof Error ? signal.reason.message : ''
  return message.startsWith(reason) ? message : `${reason}\n  ${message}`
}

const flags = readFlags()
if (flags) {
  const { keep = false, runner = 'process', 'site-flag': siteFlags = [] } = flags
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`The demo was ended by ${name}.`)))
  process.stdout.on('error', cause => stop.abort(new Error('Nobody hears the demo any more.', { cause })))
  try {
    process.exitCode = await runDemo({ seed: process.env.DEMO_SHUFFLE, keep, runner, siteFlags }, stop)
  } catch (error) {
    say(`\n  The demo failed. ${sayFailure(error, stop.signal)}`)
    process.exitCode = 1
  }
} else process.exitCode = 2
