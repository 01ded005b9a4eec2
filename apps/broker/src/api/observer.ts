/**
 * Who is told of what the API does, after it is durable. Feeds metrics; what an observer does changes nothing.
 */
export interface ApiObserver {
  /** A work item that was not there before is stored. */
  taskCreated(): void
}
