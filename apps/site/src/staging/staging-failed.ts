/**
 * An input could not be fetched or an output not be stored: the message is for the task's system log, so it names the fix.
 */
export class StagingFailed extends Error {
  override readonly name = 'StagingFailed'
  /** Trying again may help. */
  readonly passing: boolean

  constructor(message: string, options: { readonly passing?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.passing = options.passing ?? false
  }
}
