import { describe, expect, it } from 'vitest'
import { buildInput, buildLocation, buildSite, buildSnapshot, buildWork, locationId } from '../test/build.ts'
import { explainDecision, explainShort } from './explain.ts'
import { place } from './place.ts'

const decision = place(
  buildSnapshot(
    [
      buildSite('surf', { name: 'SURF', holds: [locationId('surf-s3')] }),
      buildSite('charite', { name: 'Charité' }),
      buildSite('bielefeld', { policy: { groups: ['g'], images: { digest: 'required' } } }),
    ],
    { locations: [buildLocation('surf-s3')] },
  ),
  buildWork({
    images: ['ubuntu'],
    inputs: [buildInput('reads', ['surf-s3'], { bytes: 340_000_000, assumed: true })],
    hints: { locality: 'prefer', rerunnable: false },
  }),
)

describe('a decision as people read it', () => {
  it('is a table with the best site first, then every failed check with its fix, and what was assumed', () => {
    expect(explainDecision(decision)).toEqual([
      'w1 goes to surf',
      'SURF: 10 min 17 s; Charité: 10 min 46 s (340 MB to move); Bielefeld denied (GROUP_MISSING, IMAGE_NOT_PINNED)',
      '',
      'rank  site       verdict  time         to move  wait  transfer  run     output  retry',
      '1     SURF       pass     10 min 17 s  0 B      0 s   0 s       10 min  0 s     17 s',
      '2     Charité    pass     10 min 46 s  340 MB   0 s   27 s      10 min  0 s     19 s',
      '-     Bielefeld  never',
      '',
      'Bielefeld',
      '  GROUP_MISSING: the site declares policy.groups: declared, not yet supported',
      '    Ask the operator: until this rule can be decided, no task passes where it is declared.',
      '  IMAGE_NOT_PINNED: Bielefeld takes images by digest only, not docker.io/library/ubuntu',
      '    Name the image as name@sha256:DIGEST.',
      '',
      'Assumed: /in/reads, runMs',
      '',
      'Sites: 2 pass, 1 GROUP_MISSING, 1 IMAGE_NOT_PINNED',
      'Snapshot snap-1, policies policy-1',
    ])
  })

  it('is one line for the metadata of a log, and never a long one', () => {
    expect(explainShort(decision)).toBe(decision.why)
    const long = explainShort({ ...decision, why: 'é'.repeat(1000) })
    expect(long).toBe(`${'é'.repeat(399)}…`)
  })

  it('says of thousands of sites only how many more there are', () => {
    const many = place(buildSnapshot(Array.from({ length: 40 }, (_, i) => buildSite(`s${i}`, { draining: i > 5 }))), buildWork())
    expect(many.why).toMatch(/^S\d: 1 min 3 s; S\d: 1 min 3 s; S\d: 1 min 3 s; (S\d+ not now \(SITE_DRAINING\); ){3}34 more$/)
  })
})
