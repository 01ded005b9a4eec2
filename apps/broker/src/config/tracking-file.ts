/**
 * How sites are followed: times and counts, for all sites and, key by key, for one.
 */
import * as z from 'zod'
import { Seconds } from './fields.ts'

const maxRetries = z.int().min(0).max(20)

const sweepSeconds = Seconds.describe('Time between two listings of a site.')
const settleSeconds = Seconds.describe(
  'How long a site may still act on a request whose answer was lost: at least the time-out of its proxy.',
)
const siteTimeoutSeconds = Seconds.max(300).describe('How long one request to a site may take.')
const staleAfterSeconds = Seconds.describe('After so long a silence the last known state is marked as old.')
const lostAfterSeconds = Seconds.describe(
  'After so long a silence a task counts as lost: only one marked rerunnable is then given to another site.',
)
const measureSeconds = Seconds.max(10).describe(
  'The longest that the end of a task waits until its outputs are measured; what is not measured by then is left out, with a warning.',
)
const retries = maxRetries.describe('How often a failure of a site is tried again elsewhere.')

export const TrackingFile = z.strictObject({
  sweepSeconds: sweepSeconds.default(30),
  settleSeconds: settleSeconds.default(60),
  siteTimeoutSeconds: siteTimeoutSeconds.default(30),
  staleAfterSeconds: staleAfterSeconds.default(120),
  lostAfterSeconds: lostAfterSeconds.default(3600),
  maxRetries: retries.default(3),
  measureSeconds: measureSeconds.default(10),
})
export type TrackingFile = z.infer<typeof TrackingFile>

export const SiteTrackingFile = z.strictObject({
  sweepSeconds: sweepSeconds.optional(),
  settleSeconds: settleSeconds.optional(),
  siteTimeoutSeconds: siteTimeoutSeconds.optional(),
  staleAfterSeconds: staleAfterSeconds.optional(),
  lostAfterSeconds: lostAfterSeconds.optional(),
  maxRetries: retries.optional(),
  measureSeconds: measureSeconds.optional(),
})
export type SiteTrackingFile = z.infer<typeof SiteTrackingFile>
