/**
 * Appends the row that every accepted change leaves, in the change's own transaction.
 */
import { createHash } from 'node:crypto'
import type { Principal } from '../../../auth/principal.ts'
import { encode } from '../../codec.ts'
import type { PersonRef } from '../../login-rows.ts'
import type { Owned } from '../../visibility.ts'
import { personText } from '../person-text.ts'
import { params, prepare, query } from '../statement.ts'
import type { CommandContext } from './context.ts'

export interface NewEvent {
  readonly at: number
  readonly kind: string
  readonly actor: Principal
  readonly work?: { readonly id: string; readonly owned: Owned } | undefined
  /** Whose it is that something happened to, where that is no work item. */
  readonly person?: PersonRef | undefined
  readonly project?: string | undefined
  readonly attempt?: string | undefined
  readonly site?: string | undefined
  readonly detail?: unknown
}

export type AppendEvent = (event: NewEvent) => void

export function prepareAppendEvent({ db, keys }: CommandContext): AppendEvent {
  const insert = prepare(
    db,
    query
      .insertInto('events')
      .values(params('project', 'at', 'kind', 'work_id', 'attempt_id', 'site', 'actor', 'owner', 'detail', 'detail_digest'))
      .compile(),
  )
  const digests = new Map<string, string>()

  /** A person as events name them: `key id:HMAC of issuer and subject`. */
  function digestPerson(named: PersonRef): string {
    const person = personText(named)
    const known = digests.get(person)
    if (known) return known
    const { keyId, mac } = keys.hmac('persons', person)
    if (digests.size >= 10_000) digests.clear()
    digests.set(person, `${keyId}:${mac}`)
    return `${keyId}:${mac}`
  }

  return event => {
    const owner = event.work?.owned ?? event.person
    const subject = event.attempt ?? event.work?.id ?? ''
    const detail = event.detail === undefined ? undefined : encode(keys, `event:${subject}:${event.kind}`, JSON.stringify(event.detail))
    insert.run({
      project: event.work?.owned.project ?? event.project,
      at: event.at,
      kind: event.kind,
      work_id: event.work?.id,
      attempt_id: event.attempt,
      site: event.site,
      actor: digestPerson(event.actor),
      owner: owner && digestPerson(owner),
      detail,
      detail_digest: detail && createHash('sha256').update(detail).digest('hex'),
    })
  }
}
