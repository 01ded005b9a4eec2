/**
 * Every command that the writer takes: those of the store and those of the login store, in the same transactions.
 */
import type { LoginCommand, LoginResults } from '../../login-store.ts'
import type { Command, CommandResults } from '../../store.ts'
import { prepareCommands } from './commands.ts'
import type { CommandContext } from './context.ts'
import { prepareLoginCommands } from './login/login-commands.ts'

export type AnyCommand = Command | LoginCommand
export type AnyResult = CommandResults[Command['kind']] | LoginResults[LoginCommand['kind']]
export type RunCommand = (command: AnyCommand) => AnyResult

export function prepareRunCommand(context: CommandContext): RunCommand {
  const run = prepareCommands(context)
  const login = prepareLoginCommands(context)
  return command => (login.isOne(command) ? login.run(command) : run(command))
}
