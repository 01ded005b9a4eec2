/**
 * Wake-ups inside one process.
 */
import type { Bus, Topic } from './bus.ts'

interface Subscription {
  readonly listener: () => void
  pending: NodeJS.Immediate | undefined
}

export function createMemoryBus(): Bus {
  const topics = new Map<Topic, Set<Subscription>>()

  return {
    wake(topic) {
      for (const subscription of topics.get(topic) ?? []) {
        subscription.pending ??= setImmediate(() => {
          subscription.pending = undefined
          subscription.listener()
        })
      }
    },
    subscribe(topic, listener) {
      const subscription: Subscription = { listener, pending: undefined }
      const subscriptions = topics.get(topic) ?? new Set()
      topics.set(topic, subscriptions.add(subscription))
      return () => {
        clearImmediate(subscription.pending)
        subscriptions.delete(subscription)
        if (subscriptions.size === 0 && topics.get(topic) === subscriptions) topics.delete(topic)
      }
    },
    async [Symbol.asyncDispose]() {
      for (const subscriptions of topics.values()) for (const { pending } of subscriptions) clearImmediate(pending)
      topics.clear()
    },
  }
}
