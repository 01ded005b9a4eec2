/**
 * An input could not be fetched or an output not be stored: the message is for the task's system log, so it names the fix.
 */
import { DataFolderGone } from '../data-server/data-folder.ts'
import { describeRefusal } from '../system-words.ts'

export class StagingFailed extends Error {
  override readonly name = 'StagingFailed'
  /** Trying again may help. */
  readonly passing: boolean

  constructor(message: string, options: { readonly passing?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.passing = options.passing ?? false
  }
}

/** Does a part of the staging of `what`; a failure names it, and says in words what the system has in short. Others' errors pass as they are. */
export async function named<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    const words = cause instanceof StagingFailed || cause instanceof DataFolderGone ? cause.message : describeRefusal(cause)
    throw words === undefined ? cause : new StagingFailed(`${what}: ${words}`, { cause })
  }
}
