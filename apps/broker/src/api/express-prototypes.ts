/**
 * Requests and responses that are born with the prototypes of an Express app. Express gives each its prototypes when it arrives, which makes
 * every later look at them slower; where they have them already nothing is changed.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Express } from 'express'

/** Options for `createServer`; the app knows their prototypes as its own from then on. */
export function adoptPrototypes(app: Express) {
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype })
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse }
}
