/**
 * The task that the path of a request names, if who asks may see it.
 */
import type { Request } from 'express'
import type { Principal } from '../auth/principal.ts'
import type { Store, WorkRow } from '../stores/store.ts'
import { findTaskId } from './read-tasks.ts'
import { Refusal } from './refusal.ts'

/** Throws 404. */
export function findTask(store: Pick<Store, 'getWork'>, principal: Principal, request: Request): WorkRow {
  const id = findTaskId(String(request.params.id))
  const work = id && store.getWork(principal, id)
  if (!work) throw new Refusal('task-unknown')
  return work
}
