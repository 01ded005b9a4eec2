/**
 * The routes of operation: is the process alive, can it take work, its figures, and its contracts. Open to everybody but for the figures.
 */
import { sendJson } from '@portolan/tes/server'
import express, { type Request, type Router } from 'express'
import type { Door } from './door.ts'
import type { Health, Readiness } from './portolan-schemas.ts'
import { Refusal } from './refusal.ts'
import { sendText } from './respond.ts'
import { addRoutes } from './routes.ts'

export interface HealthParts {
  readonly door: Door
  /** Texts by file name. */
  readonly contracts: ReadonlyMap<string, string>
  readonly readiness: () => Promise<Readiness>
  readonly renderMetrics: () => Promise<string>
  readonly mayReadMetrics: (request: Request) => boolean
}

export function createHealthRouter({ door, contracts, readiness, renderMetrics, mayReadMetrics }: HealthParts): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  const alive: Health = { status: 'ok' }
  addRoutes(router, door, [
    {
      method: 'GET',
      path: '/healthz',
      operation: 'GetHealth',
      handle: (_request, response) => sendJson(response, JSON.stringify(alive)),
    },
    {
      method: 'GET',
      path: '/readyz',
      operation: 'GetReadiness',
      handle: async (_request, response) => {
        const answer = await readiness()
        sendJson(response.status(answer.ready ? 200 : 503), JSON.stringify(answer))
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      operation: 'GetMetrics',
      handle: async (request, response) => {
        if (!mayReadMetrics(request)) throw new Refusal('metrics-closed')
        sendText(response, await renderMetrics(), 'text/plain; version=0.0.4; charset=utf-8')
      },
    },
    {
      method: 'GET',
      path: '/openapi/:name',
      operation: 'GetContract',
      handle: (request, response) => {
        const text = contracts.get(String(request.params.name))
        if (text === undefined) throw new Refusal('route-unknown')
        sendText(response, text, 'application/yaml; charset=utf-8')
      },
    },
  ])
  return router
}
