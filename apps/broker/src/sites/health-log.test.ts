import { pino } from 'pino'
import { expect, it } from 'vitest'
import { convertSite } from '../config/convert.ts'
import { SiteFile } from '../config/site-file.ts'
import { TrackingFile } from '../config/tracking-file.ts'
import { createSiteHealth } from './breaker-health.ts'
import type { OperationFailure } from './health.ts'
import { logHealth } from './health-log.ts'

const site = convertSite(
  SiteFile.parse({ id: 'berlin', url: 'https://berlin.example', place: { country: 'DE' } }),
  TrackingFile.parse({ sweepSeconds: 8 }),
  false,
)
const garbage: OperationFailure = { kind: 'unreadable' }

function start() {
  let at = 1_000_000
  const lines: string[] = []
  const log = pino({ base: undefined, timestamp: false }, { write: (line: string) => void lines.push(line) })
  const health = logHealth(
    site,
    createSiteHealth(site, () => at),
    log,
  )
  return {
    health,
    pass: (ms: number) => {
      at += ms
    },
    lines: () => lines.splice(0).map((line): unknown => JSON.parse(line)),
  }
}

it('a site that goes down is told once with the reason, however often it is asked, and once when it is back', () => {
  const { health, pass, lines } = start()
  for (let count = 0; count < 81; count++) {
    health.record('list', garbage)
    pass(600_000)
  }
  const about = { site: 'berlin', operation: 'list' }
  expect(lines()).toEqual([
    { level: 40, ...about, reason: 'unreadable', msg: 'a site is down: its tasks cannot be listed' },
    { level: 40, ...about, reason: 'unreadable', msg: 'a breaker has opened: the operation is not tried for a while' },
  ])
  for (let count = 0; count < 5; count++) health.record('list', undefined)
  expect(lines()).toEqual([
    { level: 30, ...about, msg: 'a site is back' },
    { level: 30, ...about, msg: 'a breaker has closed: the operation is tried again' },
  ])
})

it('a busy site opens the breaker of one operation, and a refusal closes it as any answer does', () => {
  const { health, lines } = start()
  health.record('submit', { kind: 'busy', retryAfterMs: 20_000 })
  health.record('submit', { kind: 'busy', retryAfterMs: 20_000 })
  health.record('submit', { kind: 'refused' })
  expect(lines()).toMatchObject([
    { operation: 'submit', reason: 'busy', msg: expect.stringContaining('has opened') },
    { operation: 'submit', reason: 'refused', msg: expect.stringContaining('has closed') },
  ])
})

it('answers that follow each other are no lines', () => {
  const { health, lines } = start()
  for (const operation of ['submit', 'list', 'get', 'cancel'] as const) health.record(operation, undefined)
  health.record('get', garbage)
  health.record('get', undefined)
  expect(lines()).toEqual([])
})
