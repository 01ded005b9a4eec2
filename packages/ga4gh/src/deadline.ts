/**
 * One signal for one try: it follows the caller's signal and the clock, and says afterwards which of the two it was.
 */
import { ApiError } from './errors.ts'

export interface Deadline {
  readonly signal: AbortSignal
  /** The error if the try was stopped, else undefined. */
  readonly stopped: () => ApiError | undefined
  /** The work's own result, or the error once the try is stopped, even if the work ignores its signal. */
  readonly bound: <T>(work: Promise<T>) => Promise<T>
  /** Lets go of the timer and the caller's signal. (Not every browser knows `using`.) */
  readonly end: () => void
}

export function startDeadline(timeoutMs: number, caller: AbortSignal | undefined, target: string): Deadline {
  const controller = new AbortController()
  let stopped: ApiError | undefined
  const stop = (error: ApiError) => {
    stopped ??= error
    controller.abort(stopped)
  }
  const follow = () => stop(new ApiError('aborted', `The request to ${target} was aborted`, { cause: caller?.reason }))
  const timer = setTimeout(() => stop(new ApiError('timeout', `${target} gave no complete answer within ${timeoutMs} ms`)), timeoutMs)
  caller?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    stopped: () => stopped,
    bound: work =>
      new Promise((resolve, reject) => {
        // Work that follows the signal says first what it was waiting for.
        const give = () => setTimeout(() => reject(stopped), 0)
        controller.signal.addEventListener('abort', give, { once: true })
        if (stopped) give()
        work.then(resolve, reject).finally(() => controller.signal.removeEventListener('abort', give))
      }),
    end() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', follow)
    },
  }
}
