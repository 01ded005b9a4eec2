/**
 * All commands of the login store: what each does inside a transaction, all or nothing.
 */
import type { LoginCommand, LoginResults } from '../../../login-store.ts'
import { prepareAppendEvent } from '../append-event.ts'
import { type CommandContext, prepareSavepoint } from '../context.ts'
import { prepareDecideDevices, prepareStartDevice } from './devices.ts'
import { prepareEndAll, prepareEndApproval } from './end-all.ts'
import { prepareEndFamily, prepareLogoutFamily, prepareRevokeFamily, prepareStartFamily } from './families.ts'
import { prepareConsumeLogin, prepareStartLogin } from './pending-logins.ts'
import { prepareRecordLogin, prepareRenewClaims } from './persons.ts'
import { preparePollDevice } from './poll-device.ts'
import { prepareRotateRefresh } from './rotate-refresh.ts'
import { prepareEndSession, preparePutSessionData, prepareStartSession } from './sessions.ts'
import { prepareSweepLogins } from './sweep-logins.ts'
import { prepareCreateToken, prepareRevokeToken, prepareRevokeTokens } from './tokens.ts'
import { prepareTouch } from './touch.ts'
import { prepareUpstream } from './upstream.ts'

type Kind = LoginCommand['kind']
export type LoginCommandOf<K extends Kind> = Extract<LoginCommand, { readonly kind: K }>
export type RunLogin<K extends Kind> = (command: LoginCommandOf<K>) => LoginResults[K]
type LoginCommands = { readonly [K in Kind]: RunLogin<K> }

/** Commands that a person has no right to, whatever the roles. */
const BROKER_ONLY: ReadonlySet<Kind> = new Set(['renewClaims', 'claimUpstream', 'settleUpstream', 'forgetUpstream', 'touch', 'sweepLogins'])

export interface RunLoginCommand {
  isOne(command: { readonly kind: string }): command is LoginCommand
  run(command: LoginCommand): LoginResults[Kind]
}

export function prepareLoginCommands(context: CommandContext): RunLoginCommand {
  const append = prepareAppendEvent(context)
  const endFamily = prepareEndFamily(context, append)
  const commands: LoginCommands = {
    recordLogin: prepareRecordLogin(context, append),
    renewClaims: prepareRenewClaims(context),
    ...prepareUpstream(context),
    createToken: prepareCreateToken(context, append),
    revokeToken: prepareRevokeToken(context, append),
    touch: prepareTouch(context),
    startFamily: prepareStartFamily(context, append, endFamily),
    rotateRefresh: prepareRotateRefresh(context, endFamily),
    logoutFamily: prepareLogoutFamily(context, endFamily),
    revokeFamily: prepareRevokeFamily(context, endFamily),
    endAll: prepareEndAll(context, endFamily, prepareRevokeTokens(context, append)),
    endApproval: prepareEndApproval(context),
    startSession: prepareStartSession(context),
    putSessionData: preparePutSessionData(context),
    endSession: prepareEndSession(context),
    startDevice: prepareStartDevice(context),
    ...prepareDecideDevices(context),
    pollDevice: preparePollDevice(context),
    startLogin: prepareStartLogin(context),
    consumeLogin: prepareConsumeLogin(context),
    sweepLogins: prepareSweepLogins(context),
  }
  const savepoint = prepareSavepoint(context.db)
  return {
    isOne: (command): command is LoginCommand => Object.hasOwn(commands, command.kind),
    run(command) {
      if (BROKER_ONLY.has(command.kind) && !('principal' in command && command.principal.roles.includes('system'))) {
        throw new Error(`${command.kind} is a command of the broker itself`)
      }
      return savepoint(() => run(commands, command.kind, command))
    },
  }
}

function run<K extends Kind>(commands: LoginCommands, kind: K, command: LoginCommandOf<K>): LoginResults[K] {
  return commands[kind](command)
}
