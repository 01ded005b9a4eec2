/**
 * What a command is to the program: commander's description of it, and work that answers with how the command ends.
 */
import type { Command } from 'commander'
import type { ExitCode } from '../exit-codes.ts'
import type { Session } from '../session.ts'

/** Runs the work with what the options of `command` say. */
export type Run = (command: Command, work: (session: Session) => Promise<ExitCode>) => Promise<void>

/** Makes one command of the program. */
export type MakeCommand = (run: Run) => Command
