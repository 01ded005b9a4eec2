/**
 * The commands of the program and the options that all of them have.
 */
import { Command } from 'commander'
import { makeCancel } from './commands/cancel.ts'
import type { MakeCommand, Run } from './commands/command.ts'
import { makeConfig } from './commands/config.ts'
import { makeData } from './commands/data.ts'
import { makeExplain } from './commands/explain.ts'
import { makeGet } from './commands/get.ts'
import { makeKeys } from './commands/keys.ts'
import { makeList } from './commands/list.ts'
import { makeLocations } from './commands/locations.ts'
import { makeLogin } from './commands/login.ts'
import { makeLogins } from './commands/logins.ts'
import { makeLogout } from './commands/logout.ts'
import { makeLogs } from './commands/logs.ts'
import { makeMe } from './commands/me.ts'
import { makeOutputs } from './commands/outputs.ts'
import { makeProjects } from './commands/projects.ts'
import { makeSites } from './commands/sites.ts'
import { makeSubmit } from './commands/submit.ts'
import { makeToken } from './commands/token.ts'
import { makeWatch } from './commands/watch.ts'
import { EXIT_MEANINGS } from './exit-codes.ts'
import type { Screen } from './output/output.ts'
import { globalOptions } from './settings.ts'

const COMMANDS: readonly MakeCommand[] = [
  makeSubmit,
  makeGet,
  makeList,
  makeWatch,
  makeCancel,
  makeLogs,
  makeOutputs,
  makeData,
  makeExplain,
  makeSites,
  makeLocations,
  makeProjects,
  makeLogin,
  makeLogout,
  makeMe,
  makeToken,
  makeLogins,
  makeConfig,
  makeKeys,
]

export interface Screens {
  readonly stdout: Screen
  readonly stderr: Screen
}

/** Parsing throws a `CommanderError` instead of ending the process, and errors are written by who catches it. */
export function createProgram(version: string, screens: Screens, run: Run): Command {
  const program = new Command('portolan').description('Tasks at a Portolan broker or any other TES server.').version(version)
  for (const option of globalOptions()) program.addOption(option)
  for (const make of COMMANDS) program.addCommand(make(run))
  program.addHelpText('after', `\n${describeExits()}`)
  prepare(program, screens)
  return program
}

function describeExits(): string {
  const lines = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
  return ['Exit codes:', ...lines].join('\n')
}

/** Settings that commander gives only to commands made in its own way. */
function prepare(command: Command, screens: Screens): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: text => screens.stdout.write(text),
      writeErr: text => screens.stderr.write(text),
      outputError: () => undefined,
    })
  for (const below of command.commands) prepare(below, screens)
}
