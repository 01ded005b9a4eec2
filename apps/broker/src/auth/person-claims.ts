/**
 * What a login said of a person, as it is kept (`persons.claims`). Read back by the rules of now: entitlements are judged by the authorities that
 * are pinned today, and groups count only under the prefix that their login has today.
 */
import * as z from 'zod'

const texts = z.array(z.string())

const PersonClaims = z.object({
  /** For display only. */
  name: z.string().optional(),
  /** For display only. */
  email: z.string().optional(),
  /** In normal form. */
  entitlements: texts,
  /** With the prefix of their login. */
  groups: texts,
  assurance: texts,
  affiliations: texts,
  acr: z.string().optional(),
  /** Visas as they came, not verified. */
  passport: texts,
  /** Entitlements that did not count, by reason. */
  ignored: z.array(z.object({ reason: z.string(), count: z.int() })),
})
export type PersonClaims = z.infer<typeof PersonClaims>
