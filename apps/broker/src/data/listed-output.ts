/**
 * What a store has answered about an output, in the words of what becomes of it. Pure but for whether the time is over.
 */
import type { ListedObject, ListedOutput, LocationId } from '@portolan/federation'
import type { ObjectFacts, StoreFailure } from './object-store.ts'

export type Listed = Extract<ListedOutput, { outcome: 'listed' }>
export type Missed = NonNullable<Listed['missed']>

const WHY: Readonly<Record<StoreFailure['kind'], string>> = {
  unreachable: 'its store cannot be reached',
  timeout: 'its store did not answer in time',
  auth: 'its store does not let the broker look',
  busy: 'its store is too busy',
  server: 'its store failed',
  unreadable: 'its store answers what cannot be read',
  unsupported: 'its store cannot be asked',
}

/** Where a server tells what is there. */
export function listed(location: LocationId, objects: readonly ObjectFacts[]): Listed {
  return { outcome: 'listed', location, cut: false, objects: objects.map(toListed) }
}

/** What says no more than which version it is stands as `etag` already. */
function toListed({ url, bytes, etag, modifiedAt, digests }: ObjectFacts): ListedObject {
  return { url, bytes, etag, modifiedAt, ...(digests.length > 0 && { digests }) }
}

/** A store that refuses to tell is not one that fails. */
export function unmeasured({ kind }: StoreFailure, deadline: AbortSignal): ListedOutput {
  return kind === 'auth' ? { outcome: 'refused' } : { outcome: 'unmeasured', why: whyOf(kind, deadline) }
}

/** By the first of the failures; undefined where there are none. */
export function missedOf(failures: readonly StoreFailure[], deadline: AbortSignal): Missed | undefined {
  const [first] = failures
  return first && { files: failures.length, why: whyOf(first.kind, deadline) }
}

export function whyOf(kind: StoreFailure['kind'], deadline: AbortSignal): string {
  return deadline.aborted && kind !== 'auth' ? WHY.timeout : WHY[kind]
}
