/**
 * The runner port: how an executor becomes a command of this machine.
 *
 * A runner starts nothing that counts by itself: it builds the command that the supervisor runs, and ends what a signal to the command's
 * processes would not end. Crash: `build` has no lasting effect; `end` may be called again. Two callers: each executor has its own.
 */
import type { TesExecutor, TesResources } from '@portolan/tes'
import type { Command } from '../supervisor/supervisor.ts'
import type { Mount } from '../tasks/mounts.ts'
import type { NotRunCode } from './not-run.ts'

export type RunnerName = 'podman' | 'docker' | 'bubblewrap' | 'process'

export interface ExecutorStep {
  /** Unique on this machine: `portolan-SITE-TASK-INDEX`. Only `[A-Za-z0-9_-]`. */
  readonly name: string
  readonly executor: TesExecutor
  /** Host path of the folder that mirrors the container's paths. */
  readonly root: string
  /** Host path of an empty folder for what the runner itself needs. */
  readonly scratch: string
  readonly mounts: readonly Mount[]
  readonly resources: TesResources
  /** The texts of inline inputs. */
  readonly scripts: readonly string[]
  /** Host path of what the executor reads as its input; `/dev/null` where it reads nothing. */
  readonly stdin: string
}

export interface ExecutorEnding {
  readonly name: string
  /** The same folder as that of the step. */
  readonly scratch: string
  readonly exitCode: number
  /** The end of what the executor and its runtime wrote on standard error. */
  readonly said: string
}

/** What a runtime tells of an end that is not the command's own. */
export type Conclusion =
  /** The runtime itself failed, and this is what it said. */
  | { readonly failure: string }
  /** The command cannot be run, and the runtime's own exit code does not say so. */
  | { readonly notRun: NotRunCode }

export interface Runner {
  readonly name: RunnerName
  /** For people: what it isolates and what not. */
  readonly promise: string
  /** True if processes of an executor may go on when its command is over. */
  readonly leavesProcesses: boolean
  /** Tries the runtime with the image. Undefined: it ran. Else why not. */
  probe(image: string, signal: AbortSignal): Promise<string | undefined>
  build(step: ExecutorStep): Promise<{ readonly command: Command; readonly warnings: readonly string[] }>
  /**
   * Looks at how an executor ended that nobody ended, and clears away what the runtime keeps of it. Undefined: the exit code is the command's own,
   * or says that the image cannot run the command.
   */
  conclude(ending: ExecutorEnding, signal: AbortSignal): Promise<Conclusion | undefined>
  /** Ends what runs under the step's name outside of the command's own processes. */
  end(name: string, signal: AbortSignal): Promise<void>
}
