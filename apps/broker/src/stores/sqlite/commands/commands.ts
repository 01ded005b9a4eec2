/**
 * All commands of the store: what each does inside a transaction. A refusal becomes the outcome of its command; every other error is a surprise.
 */
import type { Command, CommandResults } from '../../store.ts'
import { prepareAppendEvent } from './append-event.ts'
import { type CommandContext, prepareSavepoint, Refusal } from './context.ts'
import { prepareCreate } from './create.ts'
import { prepareFindWork } from './find-work.ts'
import { prepareGiveUp } from './give-up.ts'
import { prepareHold } from './hold.ts'
import { prepareClaimLease, prepareLeaseCheck, prepareReleaseLease, prepareRenewLease } from './leases.ts'
import { prepareNoteAdminRead } from './note-admin-read.ts'
import { preparePutBlob } from './put-blob.ts'
import { prepareRequestCancel } from './request-cancel.ts'
import { prepareSequenceEvents } from './sequence-events.ts'
import { prepareDecide, prepareSweepDiff, prepareTransition } from './transition.ts'
import { prepareWriteAttempts } from './write-attempts.ts'
import { prepareWriteWork } from './write-work.ts'

type Kind = Command['kind']
type CommandOf = { readonly [K in Kind]: Extract<Command, { readonly kind: K }> }
type Commands = { readonly [K in Kind]: (command: CommandOf[K]) => CommandResults[K] }

export type RunWorkCommand = (command: Command) => CommandResults[Kind]

/** Commands that a person has no right to, whatever the roles. */
const BROKER_ONLY: ReadonlySet<Kind> = new Set([
  'giveUp',
  'decide',
  'transition',
  'sweepDiff',
  'claimLease',
  'renewLease',
  'releaseLease',
  'sequenceEvents',
])

/** Each command is all or nothing within the transaction of its group. */
export function prepareCommands(context: CommandContext): RunWorkCommand {
  const append = prepareAppendEvent(context)
  const find = prepareFindWork(context)
  const check = prepareLeaseCheck(context)
  const parts = { check, find, append, writeWork: prepareWriteWork(context, append), writeAttempts: prepareWriteAttempts(context, append) }
  const commands: Commands = {
    create: prepareCreate(context, append),
    requestCancel: prepareRequestCancel(context, find, append),
    giveUp: prepareGiveUp(context, find, append),
    hold: prepareHold(context, find),
    decide: prepareDecide(parts),
    transition: prepareTransition(parts),
    sweepDiff: prepareSweepDiff(context, parts),
    claimLease: prepareClaimLease(context, append),
    renewLease: prepareRenewLease(context, check),
    releaseLease: prepareReleaseLease(context, check),
    putBlob: preparePutBlob(context, find),
    noteAdminRead: prepareNoteAdminRead(find, append),
    sequenceEvents: prepareSequenceEvents(context, check),
  }
  const savepoint = prepareSavepoint(context.db)
  return command => {
    if (BROKER_ONLY.has(command.kind) && !command.principal.roles.includes('system')) {
      throw new Error(`${command.kind} is a command of the broker itself, not of ${command.principal.subject}`)
    }
    try {
      return savepoint(() => run(commands, command.kind, command))
    } catch (error) {
      if (error instanceof Refusal) return refuse(command, error)
      throw error
    }
  }
}

function run<K extends Kind>(commands: Commands, kind: K, command: CommandOf[K]): CommandResults[K] {
  return commands[kind](command)
}

function refuse(command: Command, { outcome }: Refusal): CommandResults[Kind] {
  switch (command.kind) {
    case 'sweepDiff':
      return { outcome: 'fenced', refused: [] }
    case 'sequenceEvents':
      return { outcome: 'fenced', sequenced: 0 }
    case 'create':
    case 'requestCancel':
    case 'claimLease':
    case 'putBlob':
    case 'noteAdminRead':
      throw new Error(`${command.kind} was refused: ${outcome}; the work item that it names does not exist`)
    case 'giveUp':
    case 'hold':
      return { outcome: 'conflict' }
    case 'renewLease':
    case 'releaseLease':
      return { outcome: 'fenced' }
    case 'decide':
    case 'transition':
      return { outcome }
  }
}
