/**
 * The bus port: wake-ups. It may lose any message at any moment and nothing is lost but time: every listener also scans once a second.
 */
/** `events`: some have got their numbers. */
export type Topic = 'dispatch' | 'events' | `site:${string}`

export interface Bus {
  wake(topic: Topic): void
  /** Calls back soon after a wake-up; many wake-ups may become one call. Returns a function that ends the subscription. */
  subscribe(topic: Topic, listener: () => void): () => void
  [Symbol.asyncDispose](): Promise<void>
}
