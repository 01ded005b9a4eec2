/**
 * The command `portolan` as a process: arguments, signals, a closed pipe, and the exit code.
 */
import process from 'node:process'
import { addAbortSignal } from 'node:stream'
import { CommanderError } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { EXIT, type ExitCode } from './exit-codes.ts'
import { describeFailure, describeLines } from './failure.ts'
import { createOutput } from './output/output.ts'
import { createProgram } from './program.ts'
import { createSession, type Surroundings } from './session.ts'
import { readSettings } from './settings.ts'

async function run(surroundings: Surroundings, args: readonly string[]): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done
  const program = createProgram(packageJson.version, async (command, work) => {
    const settings = readSettings(command)
    exit = await work(createSession(surroundings, settings, createOutput(process.stdout, process.stderr, settings.json)))
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exit
  } catch (error) {
    // Help and version end like this too.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.misused
    if (surroundings.signal.aborted) return exitOf(surroundings.signal)
    const failure = describeFailure(error)
    createOutput(process.stdout, process.stderr, args.includes('--json')).fail(describeLines(failure), failure)
    return failure.exitCode
  }
}

/** How a command ends whose signal was aborted: the reason says it. */
function exitOf({ reason }: AbortSignal): ExitCode {
  return Object.values(EXIT).find(code => code === reason) ?? EXIT.failed
}

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
const exit = await run(
  {
    env: process.env,
    cwd: process.cwd(),
    signal,
    openStdin: () => addAbortSignal(signal, process.stdin),
    userAgent: `portolan-cli/${packageJson.version}`,
  },
  process.argv.slice(2),
)
process.exitCode = signal.aborted ? exitOf(signal) : exit
