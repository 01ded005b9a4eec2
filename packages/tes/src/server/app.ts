/**
 * What a server needs around the router, ready-made: normal URLs, JSON for unknown paths and for everything that Express throws.
 */
import express, {
  type ErrorRequestHandler,
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { fail, type OnError, sendProblem, TesCall } from './answer.ts'
import { HttpProblem } from './http-problem.ts'
import { normaliseUrl } from './normalise-url.ts'
import { createTesRouter, type TesHandlers, type TesRouterOptions } from './router.ts'

/** The base paths that TES clients use. */
export const TES_MOUNTS = ['/ga4gh/tes/v1', '/v1', '/ga4gh/v1', '/'] as const

/** Goes before all routes. */
export function normaliseUrls(): RequestHandler {
  return (req, _res, next) => {
    req.url = normaliseUrl(req.url)
    next()
  }
}

/** Goes after all routes: 404 as JSON, never 401, since clients try several base paths and go on only after a 404. */
export function answerUnknownPath(): RequestHandler {
  return (req, res) => {
    const path = (req.originalUrl.split('?', 1)[0] ?? '').slice(0, 200)
    sendProblem(res, new HttpProblem(404, `There is nothing at ${req.method} ${path}. TES is served at ${TES_MOUNTS[0]}/tasks.`))
  }
}

/** Goes last. */
export function answerErrors(onError?: OnError): ErrorRequestHandler {
  return (error: unknown, req: Request, res: Response, _next: NextFunction) => fail(new TesCall(req, res), error, onError)
}

/** A whole TES server as an Express app, at every base path that clients use. */
export function createTesApp(handlers: TesHandlers, options: TesRouterOptions = {}): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(normaliseUrls())
  const router = createTesRouter(handlers, options)
  for (const mount of TES_MOUNTS) app.use(mount, router)
  app.use(answerUnknownPath())
  app.use(answerErrors(options.onError))
  return app
}
