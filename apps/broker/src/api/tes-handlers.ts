/**
 * The operations of TES 1.1 for the router of `@portolan/tes/server`, which has judged shape and meaning of what arrives here.
 */
import type { Answer, TesCall, TesHandlers } from '@portolan/tes/server'
import type { Authenticator } from '../auth/authenticate.ts'
import type { Principal } from '../auth/principal.ts'
import type { Bus } from '../bus/bus.ts'
import type { Unanswered } from '../reconcile/unanswered.ts'
import type { Store } from '../stores/store.ts'
import type { TaskCreator } from './create-task.ts'
import { exchangeOf } from './exchange.ts'
import { describeFailure } from './fail.ts'
import { findTaskId, type TaskReader } from './read-tasks.ts'
import { Refusal } from './refusal.ts'
import { describeService, describeServiceBriefly, type ServiceFacts } from './service-info.ts'

export interface TesHandlerParts {
  readonly authenticator: Authenticator
  readonly createTask: TaskCreator
  readonly reader: TaskReader
  readonly store: Store
  readonly unanswered: Unanswered
  readonly bus: Bus
  readonly now: () => number
  readonly describe: () => ServiceFacts
}

export function createTesHandlers(parts: TesHandlerParts): TesHandlers {
  const { authenticator, createTask, reader, store, unanswered, bus, now, describe } = parts

  /** Names the operation, finds out who asks, and turns what is thrown into a problem. At once where it can. */
  function answer<T>(call: TesCall, operation: string, act: (principal: Principal) => Answer<T>): Answer<T> {
    exchangeOf(call.req).operation = operation
    const principal = authenticator.authenticate(call.req.headers)
    return principal instanceof Promise ? principal.then(act).catch(describeFailure) : act(principal)
  }

  /** Wakes the reconciler when the answer is out. */
  function wakeAfter(call: TesCall): void {
    call.res.once('close', () => bus.wake('dispatch'))
  }

  return {
    getServiceInfo(call) {
      exchangeOf(call.req).operation = 'GetServiceInfo'
      return call.req.path === '/service-info' ? describeService(describe()) : JSON.stringify(describeServiceBriefly(describe()))
    },
    getTask: (call, { id, view }) => answer(call, 'GetTask', principal => reader.getTask(principal, id, view)),
    listTasks: (call, query) => answer(call, 'ListTasks', principal => reader.listTasks(principal, query).catch(describeFailure)),
    createTask: (call, task) =>
      answer(call, 'CreateTask', async principal => {
        try {
          const id = await createTask({
            principal,
            body: call.req.body,
            task,
            mount: exchangeOf(call.req).mount,
            idempotencyKey: call.req.get('idempotency-key') || undefined,
            hungUp: call.signal,
          })
          call.res.once('close', () => {
            // What was not written is a create that was abandoned, and stays unanswered until it is held.
            if (call.res.writableFinished) unanswered.end(id)
            bus.wake('dispatch')
          })
          return `{"id":"${id}"}`
        } catch (error) {
          return describeFailure(error)
        }
      }),
    cancelTask: (call, { id }) =>
      answer(call, 'CancelTask', async principal => {
        const workId = findTaskId(id)
        if (workId === undefined) return new Refusal('task-unknown')
        try {
          const { outcome } = await store.execute({ kind: 'requestCancel', principal, id: workId, now: now() })
          if (outcome === 'notFound') return new Refusal('task-unknown')
        } catch (error) {
          return describeFailure(error)
        }
        wakeAfter(call)
        return '{}'
      }),
  }
}
