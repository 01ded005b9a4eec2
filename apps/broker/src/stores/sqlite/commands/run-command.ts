/**
 * Every command that the writer takes: those of the store, of the login store and of uploads, in the same transactions.
 */
import type { LoginCommand, LoginResults } from '../../login-store.ts'
import type { Command, CommandResults } from '../../store.ts'
import type { UploadCommand, UploadResults } from '../../upload-store.ts'
import { prepareCommands } from './commands.ts'
import type { CommandContext } from './context.ts'
import { prepareLoginCommands } from './login/login-commands.ts'
import { prepareUploadCommands } from './uploads.ts'

export type AnyCommand = Command | LoginCommand | UploadCommand
export type AnyResult = CommandResults[Command['kind']] | LoginResults[LoginCommand['kind']] | UploadResults[UploadCommand['kind']]
export type RunCommand = (command: AnyCommand) => AnyResult

export function prepareRunCommand(context: CommandContext): RunCommand {
  const run = prepareCommands(context)
  const login = prepareLoginCommands(context)
  const uploads = prepareUploadCommands(context)
  return command => {
    if (login.isOne(command)) return login.run(command)
    return uploads.isOne(command) ? uploads.run(command) : run(command)
  }
}
