/**
 * Looks now and then, while bytes pass, whether who has asked for it still may; where not, the connection is cut.
 */
import type { ServerResponse } from 'node:http'

/** Who asks for bytes to pass. */
export interface Asking {
  readonly issuer: string
  readonly subject: string
  /** By their credential and their rights as they are now. May reject: then nobody knows that they may. */
  readonly mayStill: () => Promise<boolean>
}

/** Every `everyMs`. Returns how to stop. */
export function watchRights(response: ServerResponse, { mayStill }: Asking, everyMs: number): () => void {
  const judge = async (): Promise<void> => {
    if (!(await mayStill().catch(() => false))) response.destroy()
  }
  const timer = setInterval(() => void judge(), everyMs)
  return () => clearInterval(timer)
}
