/**
 * One run of the command, from its arguments to its exit code. What of the process it needs comes as an argument.
 */
import { CommanderError } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { EXIT, type ExitCode } from './exit-codes.ts'
import { describeFailure, describeLines, Failure } from './failure.ts'
import { createOutput, type Screen } from './output/output.ts'
import { createProgram } from './program.ts'
import { createSession, type Surroundings } from './session.ts'
import { readSettings } from './settings.ts'

export interface RunParts extends Omit<Surroundings, 'userAgent'> {
  readonly stdout: Screen
  readonly stderr: Screen
}

/** Never rejects: whatever goes wrong is told, and has its exit code. The reason of an aborted signal is the exit code. */
export async function run(args: readonly string[], { stdout, stderr, ...surroundings }: RunParts): Promise<ExitCode> {
  const { signal } = surroundings
  let exit: ExitCode = EXIT.done
  const program = createProgram(packageJson.version, { stdout, stderr }, async (command, work) => {
    const settings = readSettings(command, surroundings.env)
    const userAgent = `portolan-cli/${packageJson.version}`
    exit = await work(createSession({ ...surroundings, userAgent }, settings, createOutput(stdout, stderr, settings.json)))
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return signal.aborted ? exitOf(signal) : exit
  } catch (error) {
    const tell = (): ExitCode => {
      const failure = describeFailure(error)
      createOutput(stdout, stderr, args.includes('--json')).fail(describeLines(failure), failure)
      return failure.exitCode
    }
    if (signal.aborted) {
      // What was under way when it was ended may need a word.
      if (error instanceof Failure) tell()
      return exitOf(signal)
    }
    // Help and version end like this too; help that nobody asked for says that a command is missing.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.misused
    return tell()
  }
}

function exitOf({ reason }: AbortSignal): ExitCode {
  return Object.values(EXIT).find(code => code === reason) ?? EXIT.failed
}
