/**
 * Finds one output for who may have its bytes, and sees that it is still what was measured.
 */
import type { LocationId } from '@portolan/federation'
import { isTerminal } from '@portolan/tes'
import type { Principal } from '../auth/principal.ts'
import type { ObjectFacts, ObjectStore, StoreFailure } from '../data/object-store.ts'
import type { Store, StoredOutput, WorkRow } from '../stores/store.ts'
import { asPerson } from '../stores/visibility.ts'
import type { DeliveryRules } from './output-delivery.ts'
import { findTaskId } from './read-tasks.ts'
import { Refusal } from './refusal.ts'

export interface DeliverableOutput {
  readonly work: WorkRow
  readonly output: StoredOutput
  readonly bytes: number
  readonly delivery: 'direct' | 'relay'
  readonly store: ObjectStore
}

/** Throws the refusal that fits: also for those who may see the task and not have its bytes. */
export function findDeliverable(store: Store, rules: DeliveryRules, principal: Principal, id: string, number: string): DeliverableOutput {
  const work = findTask(store, principal, id)
  if (!mayHave(store, principal, work)) throw new Refusal('bytes-not-yours')
  if (!isTerminal(work.state)) throw new Refusal('outputs-not-ready', `The task ${work.id} has not ended: it is ${work.state}`)
  const [output] = /^\d{1,6}$/.test(number) ? store.getOutputs(principal, work.id, Number(number), 1) : []
  if (output?.number !== Number(number)) throw new Refusal('output-unknown')
  const judged = rules(output)
  if (judged.delivery === 'none') throw new Refusal('bytes-stay', judged.why, { fix: '' })
  if (output.sizeBytes === undefined) throw new Refusal('bytes-stay', 'Nobody has measured it')
  return { work, output, bytes: Number(output.sizeBytes), ...judged }
}

/** Its owner and those whom the project lets see it; administrators see what there is, and fetch nothing. */
export function mayHave(store: Store, principal: Principal, work: WorkRow): boolean {
  return store.getState(asPerson(principal), work.id) !== undefined
}

/** Asks the store. Throws where it is not what was measured, or cannot be asked. */
export async function requireUnchanged({ output, bytes, store }: DeliverableOutput, signal: AbortSignal): Promise<void> {
  const answer = await store.head(output.url, signal)
  if (answer.outcome === 'failed') throw refuseFailed(store.location, answer.failure)
  if (answer.outcome !== 'found' || answer.value.bytes !== bytes || !isSameVersion(output, answer.value)) throw refuseChanged()
}

/** By the name of the version; a store that names none still tells when it was written. */
function isSameVersion(output: StoredOutput, { etag, modifiedAt }: ObjectFacts): boolean {
  return output.etag === undefined ? output.modifiedAt === modifiedAt : output.etag === etag
}

export function refuseChanged(): Refusal {
  return new Refusal('output-changed')
}

/** The person hears which location it is, and nothing of what its server said. */
export function refuseFailed(location: LocationId, { kind }: StoreFailure): Refusal {
  return refuseUnavailable(`The server of the location ${location} cannot be asked now (${kind})`)
}

export function refuseUnavailable(says: string): Refusal {
  return new Refusal('location-unavailable', says, { headers: { 'Retry-After': '10' } })
}

export function findTask(store: Store, principal: Principal, asked: string): WorkRow {
  const id = findTaskId(asked)
  const work = id === undefined ? undefined : store.getWork(principal, id)
  if (work?.kind !== 'task') throw new Refusal('task-unknown')
  return work
}
