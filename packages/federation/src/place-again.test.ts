import { describe, expect, it } from 'vitest'
import { buildSite, buildSnapshot, buildStatus, buildWork, siteId } from '../test/build.ts'
import { compileSnapshot, renewSnapshot } from './compile.ts'
import { place } from './place.ts'
import { placeAgain } from './place-again.ts'

const near = buildSite('near', { network: { defaultMbps: 1000, from: {} } })
const far = buildSite('far')
const work = buildWork({ resendTo: siteId('far') })

describe('a task that a site surely did not get', () => {
  it('goes to the same site first, and the others say so', () => {
    const { decision, work: kept } = placeAgain(buildSnapshot([near, far]), work)
    expect(decision.chosen).toBe('far')
    expect(decision.sites.find(({ id }) => id === 'near')?.reasons).toEqual([
      {
        code: 'NOT_REQUESTED',
        detail: 'far did not get the last submission: it is sent again to the same site first',
        fix: 'Wait; if that site cannot take it, the others are asked.',
      },
    ])
    expect(kept.resendTo).toBe('far')
  })

  it('waits for that site if it only has no room just now', () => {
    const full = { site: far, status: buildStatus({ idle: 20 }) }
    expect(placeAgain(buildSnapshot([near, full]), work).decision).toMatchObject({ outcome: 'hold', chosen: null })
  })

  it.each([
    ['may never have it', { site: buildSite('far', { capacity: { cpuCores: 0 } }), status: buildStatus() }],
    ['is down', { site: far, status: buildStatus({ health: 'down' }) }],
    ['fails submissions', { site: far, status: buildStatus({ submitBreakerOpen: true }) }],
    ['is drained', { site: buildSite('far', { draining: true }), status: buildStatus() }],
  ])('goes elsewhere if that site %s', (_, site) => {
    const { decision, work: kept } = placeAgain(buildSnapshot([near, site]), work)
    expect(decision.chosen).toBe('near')
    expect(kept).not.toHaveProperty('resendTo')
    expect(decision).toEqual(place(buildSnapshot([near, site]), kept))
  })
})

describe('a snapshot that is renewed', () => {
  const first = buildSnapshot([near, far])
  const later = buildSnapshot(
    [
      { site: far, status: buildStatus({ health: 'down' }) },
      { site: near, status: buildStatus({ waitMs: 5 }) },
    ],
    { id: 'snap-2' },
  )

  it('places as if it were compiled anew', () => {
    const plain = buildWork()
    expect(place(renewSnapshot(compileSnapshot(first), later), plain)).toEqual(place(later, plain))
  })

  it('refuses other sites', () => {
    expect(() => renewSnapshot(compileSnapshot(first), buildSnapshot([near]))).toThrow('different sites')
    expect(() => renewSnapshot(compileSnapshot(first), buildSnapshot([near, buildSite('other')]))).toThrow('lacks the site far')
  })
})
