/**
 * Who may call an operation is found out first, within the route itself: every poll passes here, and a layer of its own would be one more for each.
 */
import type { Request, RequestHandler } from 'express'

/** Throws why the caller may not, or rejects with it where it must be asked for; undefined: they may. */
export type Guard = (req: Request) => Promise<void> | undefined

/** `handle`, for those whom the guard lets in. */
export function guarded(guard: Guard, handle: RequestHandler): RequestHandler {
  return (req, res, next) => {
    const asking = guard(req)
    if (asking === undefined) return handle(req, res, next)
    return asking.then(() => handle(req, res, next))
  }
}
