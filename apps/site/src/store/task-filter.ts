/**
 * Which tasks a list shows (TES 1.1, `GET /tasks`): all conditions must hold.
 */
import type { TesState, TesTask } from '@portolan/tes'

export interface TaskFilter {
  readonly namePrefix?: string | undefined
  readonly state?: TesState | undefined
  /** The key must be there; with a value exactly so. */
  readonly tags: readonly { readonly key: string; readonly value?: string | undefined }[]
}

export function matches(task: TesTask, filter: TaskFilter): boolean {
  if (filter.state !== undefined && task.state !== filter.state) return false
  if (filter.namePrefix !== undefined && !(task.name ?? '').startsWith(filter.namePrefix)) return false
  return filter.tags.every(({ key, value }) => {
    const own = Object.hasOwn(task.tags ?? {}, key) ? task.tags?.[key] : undefined
    return own !== undefined && (value === undefined || own === value)
  })
}
