/**
 * The operations of TES 1.1 for the router of `@portolan/tes/server`, which has judged shape and meaning of what arrives here.
 */
import type { TesCall, TesHandlers } from '@portolan/tes/server'
import type { Bus } from '../bus/bus.ts'
import type { Unanswered } from '../reconcile/unanswered.ts'
import type { Store } from '../stores/store.ts'
import type { TaskCreator } from './create-task.ts'
import { exchangeOf, principalOf } from './exchange.ts'
import { describeFailure } from './fail.ts'
import { findTaskId, type TaskReader } from './read-tasks.ts'
import { Refusal } from './refusal.ts'
import { describeService, describeServiceBriefly, type ServiceFacts } from './service-info.ts'

export interface TesHandlerParts {
  readonly createTask: TaskCreator
  readonly reader: TaskReader
  readonly store: Store
  readonly unanswered: Unanswered
  readonly bus: Bus
  readonly now: () => number
  readonly describe: () => ServiceFacts
}

export function createTesHandlers(parts: TesHandlerParts): TesHandlers {
  const { createTask, reader, store, unanswered, bus, now, describe } = parts

  /** Wakes the reconciler when the answer is out. */
  function wakeAfter(call: TesCall): void {
    call.res.once('close', () => bus.wake('dispatch'))
  }

  return {
    getServiceInfo(call) {
      return call.req.path === '/service-info' ? describeService(describe()) : JSON.stringify(describeServiceBriefly(describe()))
    },
    getTask: (call, { id, view }) => reader.getTask(principalOf(call.req), id, view),
    listTasks: (call, query) => reader.listTasks(principalOf(call.req), query).catch(describeFailure),
    async createTask(call, task) {
      try {
        const exchange = exchangeOf(call.req)
        const judged = Promise.withResolvers<void>()
        exchange.work = judged.promise
        const id = await createTask({
          principal: principalOf(call.req),
          body: call.req.body,
          task,
          mount: exchange.mount,
          idempotencyKey: call.req.get('idempotency-key') || undefined,
          hungUp: call.signal,
          judged: judged.resolve,
        }).finally(judged.resolve)
        call.res.once('close', () => {
          // What was not written is a create that was abandoned, and stays unanswered until it is held.
          if (call.res.writableFinished) unanswered.end(id)
          bus.wake('dispatch')
        })
        return `{"id":"${id}"}`
      } catch (error) {
        return describeFailure(error)
      }
    },
    async cancelTask(call, { id }) {
      const workId = findTaskId(id)
      if (workId === undefined) return new Refusal('task-unknown')
      try {
        const { outcome } = await store.execute({ kind: 'requestCancel', principal: principalOf(call.req), id: workId, now: now() })
        if (outcome === 'notFound') return new Refusal('task-unknown')
        if (outcome === 'notOwner') return new Refusal('not-owner')
      } catch (error) {
        return describeFailure(error)
      }
      wakeAfter(call)
      return '{}'
    },
  }
}
