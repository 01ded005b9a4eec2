import { describe, expect, it } from 'vitest'
import { convertSite } from '../config/convert.ts'
import { SiteFile } from '../config/site-file.ts'
import { TrackingFile } from '../config/tracking-file.ts'
import { createSiteHealth } from './breaker-health.ts'
import type { OperationFailure } from './health.ts'

const site = convertSite(
  SiteFile.parse({ id: 'a', url: 'https://a.example', place: { country: 'DE' } }),
  TrackingFile.parse({ sweepSeconds: 8 }),
  false,
)
const down: OperationFailure = { kind: 'unreachable' }

function start() {
  let at = 1_000_000
  const health = createSiteHealth(site, () => at)
  return {
    health,
    pass: (ms: number) => {
      at += ms
    },
    now: () => at,
  }
}

describe('the health of a site', () => {
  it('is unknown until it answers, then up, and down once its list has failed three times in a row', () => {
    const { health } = start()
    const states = [health.state()]
    health.record('get', undefined)
    states.push(health.state())
    for (let count = 0; count < 3; count++) {
      health.record('list', down)
      states.push(health.state())
    }
    health.record('list', undefined)
    expect([...states, health.state()]).toEqual(['unknown', 'up', 'up', 'up', 'down', 'up'])
  })

  it('lets a broken submit stop nothing but submits', () => {
    const { health } = start()
    for (let count = 0; count < 3; count++) health.record('submit', down)
    expect([health.may('submit'), health.may('list'), health.may('get'), health.may('cancel')]).toEqual([false, true, true, true])
  })

  it('tries again after 5 s, then after twice as long each time, and never waits longer than ten sweeps', () => {
    const { health, pass, now } = start()
    for (let count = 0; count < 3; count++) health.record('submit', down)
    const waits: number[] = []
    for (let count = 0; count < 6; count++) {
      const until = health.nextAt() ?? 0
      waits.push(until - now())
      expect(health.may('submit')).toBe(false)
      pass(until - now())
      expect([health.may('submit'), health.nextAt()]).toEqual([true, undefined])
      health.record('submit', down)
    }
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 80_000])
  })

  it('is whole again after one success', () => {
    const { health, pass } = start()
    for (let count = 0; count < 4; count++) health.record('list', down)
    pass(80_000)
    health.record('list', undefined)
    health.record('list', down)
    health.record('list', down)
    expect(health.may('list')).toBe(true)
    health.record('list', down)
    expect(health.may('list')).toBe(false)
  })

  it('leaves a busy site in peace for as long as it asks, within ten minutes', () => {
    const { health, now } = start()
    health.record('submit', { kind: 'busy', retryAfterMs: 7_000 })
    expect((health.nextAt() ?? 0) - now()).toBe(7_000)
    health.record('list', { kind: 'busy', retryAfterMs: 10 ** 9 })
    health.record('submit', undefined)
    expect((health.nextAt() ?? 0) - now()).toBe(600_000)
  })

  it('sends no more submissions to a site that refuses our credential, tries again later, and goes on following it', () => {
    const { health, pass, now } = start()
    const refused: OperationFailure = { kind: 'auth', trouble: { kind: 'status', status: 401 } }
    health.record('submit', refused)
    expect([health.may('submit'), health.may('list'), (health.nextAt() ?? 0) - now()]).toEqual([false, true, 5_000])
    pass(5_000)
    expect(health.may('submit')).toBe(true)
    health.record('submit', refused)
    expect((health.nextAt() ?? 0) - now()).toBe(10_000)
    pass(10_000)
    health.record('submit', undefined)
    expect(health.may('submit')).toBe(true)
    health.record('list', refused)
    expect(health.may('list')).toBe(true)
  })

  it('knows what went wrong last, by operation, until it is answered', () => {
    const { health } = start()
    health.record('list', { kind: 'unreachable', trouble: { kind: 'refused' } })
    health.record('list', { kind: 'server', trouble: { kind: 'status', status: 502 } })
    health.record('submit', { kind: 'timeout', trouble: { kind: 'timeout' } })
    expect([health.trouble('list'), health.trouble('submit'), health.trouble('get')]).toEqual([
      { kind: 'status', status: 502 },
      { kind: 'timeout' },
      undefined,
    ])
    health.record('list', undefined)
    health.record('submit', { kind: 'refused' })
    expect([health.trouble('list'), health.trouble('submit')]).toEqual([undefined, undefined])
  })

  it('takes a refusal of one request as a sign of life', () => {
    const { health } = start()
    for (let count = 0; count < 5; count++) health.record('submit', { kind: 'refused' })
    expect([health.may('submit'), health.state()]).toEqual([true, 'up'])
  })
})
