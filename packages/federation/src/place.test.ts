import { describe, expect, it } from 'vitest'
import { buildInput, buildLocation, buildSite, buildSnapshot, buildStatus, buildWork, locationId, siteId } from '../test/build.ts'
import { place } from './place.ts'

describe('the choice of a site', () => {
  it('goes where the bytes lie, and shows what the others would cost', () => {
    const decision = place(
      buildSnapshot(
        [
          buildSite('surf', { name: 'SURF', holds: [locationId('surf-s3')] }),
          buildSite('charite', { name: 'Charité', network: { defaultMbps: 100, from: { [locationId('surf-s3')]: 10 } } }),
          buildSite('bielefeld', { draining: true }),
        ],
        { locations: [buildLocation('surf-s3')] },
      ),
      buildWork({ inputs: [buildInput('reads', ['surf-s3'], { bytes: 340_000_000 })] }),
    )
    expect(decision).toEqual({
      work: 'w1',
      chosen: 'surf',
      outcome: 'placed',
      why: 'SURF: 1 min 3 s; Charité: 5 min 50 s (340 MB to move); Bielefeld not now (SITE_DRAINING)',
      sites: [
        {
          id: 'bielefeld',
          name: 'Bielefeld',
          verdict: 'later',
          reasons: [
            {
              code: 'SITE_DRAINING',
              detail: 'Bielefeld is being drained and takes no new work',
              fix: 'Wait until its operator ends the draining.',
            },
          ],
        },
        {
          id: 'charite',
          name: 'Charité',
          verdict: 'pass',
          reasons: [],
          terms: { waitMs: 0, transferMs: 272_100, runMs: 60_000, outputMs: 0, retryMs: 17_478, bytesToMove: 340_000_000, assumed: [] },
          cost: 349_578,
          rank: 2,
        },
        {
          id: 'surf',
          name: 'SURF',
          verdict: 'pass',
          reasons: [],
          terms: { waitMs: 0, transferMs: 0, runMs: 60_000, outputMs: 0, retryMs: 3157, bytesToMove: 0, assumed: [] },
          cost: 63_157,
          rank: 1,
        },
      ],
      counts: { pass: 2, SITE_DRAINING: 1 },
      snapshot: 'snap-1',
      policyVersion: 'policy-1',
    })
  })

  it('leaves a site that holds the data if its queue is longer than the transfer', () => {
    const { chosen } = place(
      buildSnapshot(
        [{ site: buildSite('busy', { holds: [locationId('store')] }), status: buildStatus({ waitMs: 600_000 }) }, buildSite('idle')],
        { locations: [buildLocation('store')] },
      ),
      buildWork({ inputs: [buildInput('reads', ['store'])] }),
    )
    expect(chosen).toBe('idle')
  })

  it('counts our own dispatches since the figure of the queue was taken', () => {
    const { sites } = place(
      buildSnapshot([{ site: buildSite('a'), status: buildStatus({ waitMs: 1000, dispatchedSince: 4, drainMs: 250 }) }]),
      buildWork(),
    )
    expect(sites[0]?.terms?.waitMs).toBe(2000)
  })

  it('spreads equal tasks over equal sites, the same way each time', () => {
    const snapshot = buildSnapshot([buildSite('a'), buildSite('b'), buildSite('c')])
    const choose = (id: string) => place(snapshot, buildWork({ id: id as never })).chosen
    const chosen = Array.from({ length: 60 }, (_, i) => choose(`w${i}`))
    expect(new Set(chosen)).toEqual(new Set(['a', 'b', 'c']))
    expect(Array.from({ length: 60 }, (_, i) => choose(`w${i}`))).toEqual(chosen)
  })

  it('holds while some site could run it later, and refuses when none ever may', () => {
    const full = { site: buildSite('full'), status: buildStatus({ idle: 5, window: 5 }) }
    const small = buildSite('small', { capacity: { cpuCores: 1 } })
    const work = buildWork({ cpuCores: 8 })
    expect(place(buildSnapshot([full, small]), work)).toMatchObject({
      chosen: null,
      outcome: 'hold',
      why: 'No site can run it now: Full not now (NO_ROOM_NOW); Small denied (TOO_LARGE_EVER)',
      counts: { pass: 0, TOO_LARGE_EVER: 1, NO_ROOM_NOW: 1 },
    })
    expect(place(buildSnapshot([small]), work)).toMatchObject({
      chosen: null,
      outcome: 'refused',
      why: 'No site may run it: Small denied (TOO_LARGE_EVER)',
    })
    expect(place(buildSnapshot([]), work)).toMatchObject({ outcome: 'refused', why: 'No site is declared', sites: [] })
  })

  it('with locality ignored ranks by everything but the transfer, and still shows it', () => {
    const decision = place(
      buildSnapshot(
        [{ site: buildSite('near', { holds: [locationId('store')] }), status: buildStatus({ waitMs: 30_000 }) }, buildSite('far')],
        {
          locations: [buildLocation('store')],
        },
      ),
      buildWork({
        inputs: [buildInput('reads', ['store'], { bytes: 5_000_000_00 })],
        hints: { locality: 'ignore', rerunnable: false, maxRunMs: 60_000 },
      }),
    )
    expect(decision.chosen).toBe(siteId('far'))
    expect(decision.sites.find(site => site.id === 'far')?.terms?.transferMs).toBe(40_100)
  })
})
