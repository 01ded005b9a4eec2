/**
 * The command `portolan` as a process: signals, a closed pipe, and the exit code.
 */
import process from 'node:process'
import { addAbortSignal } from 'node:stream'
import { EXIT } from './exit-codes.ts'
import { run } from './run.ts'

/** Aborted with the exit code by the first signal, or when nobody reads the output any more. The second signal ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(EXIT.interrupted))
  process.once('SIGTERM', () => stop.abort(EXIT.terminated))
  process.stdout.on('error', () => stop.abort(EXIT.pipeClosed))
  process.stderr.on('error', () => undefined)
  return stop.signal
}

const signal = stopSignal()
process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  signal,
  stdout: process.stdout,
  stderr: process.stderr,
  openStdin: () => addAbortSignal(signal, process.stdin),
})
