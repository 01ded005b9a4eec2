/**
 * The words of the answers are those of the federation. The compiler judges; the run only shows that a true decision is a good answer.
 */
import type * as federation from '@portolan/federation'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type * as z from 'zod/mini'
import * as answers from './portolan-schemas.ts'

describe('an answer uses every word of the federation and no other', () => {
  it('for verdicts, outcomes and codes', () => {
    expectTypeOf<z.infer<typeof answers.SiteVerdict>['verdict']>().toEqualTypeOf<federation.Verdict>()
    expectTypeOf<answers.Decision['outcome']>().toEqualTypeOf<federation.Decision['outcome']>()
    expectTypeOf<z.infer<typeof answers.ReasonCode>>().toEqualTypeOf<federation.ReasonCode>()
  })

  it('for attempts and how they end', () => {
    expectTypeOf<z.infer<typeof answers.AttemptState>>().toEqualTypeOf<federation.AttemptState>()
    expectTypeOf<z.infer<typeof answers.AttemptEnd>['outcome']>().toEqualTypeOf<federation.AttemptEnd['outcome']>()
    expectTypeOf<NonNullable<z.infer<typeof answers.AttemptEnd>['rejection']>>().toEqualTypeOf<federation.RejectionKind>()
  })

  it('for sites and locations', () => {
    expectTypeOf<answers.Site['health']>().toEqualTypeOf<federation.SiteStatus['health']>()
    expectTypeOf<answers.Site['api']>().toEqualTypeOf<federation.Site['api']>()
    expectTypeOf<answers.Location['kind']>().toEqualTypeOf<federation.Location['kind']>()
    expectTypeOf<z.infer<typeof answers.LocationPrefix>['access']>().toEqualTypeOf<federation.LocationPrefix['access']>()
  })
})

it('a decision without a site is an answer', () => {
  const decision: answers.Decision = {
    work: 'w1',
    chosen: null,
    outcome: 'refused',
    why: 'No site may ever run it.',
    sites: [
      {
        id: 'a',
        name: 'A',
        verdict: 'never',
        reasons: [{ code: 'RESIDENCY', detail: 'The data must stay in DE.', fix: 'Choose a site there.' }],
      },
    ],
    counts: { RESIDENCY: 1 },
    snapshot: 's1',
    policyVersion: 'p1',
  }
  expect(answers.Decision.parse(decision)).toEqual(decision)
})
