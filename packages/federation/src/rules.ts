/**
 * Which key of a site, a prefix or a project is looked at by which check, and which of them no check can decide yet. The tables are total by
 * type: a key cannot be added to a policy without saying who looks at it.
 */
import type { LocationPrefix } from './location.ts'
import type { Project, ProjectQuota } from './project.ts'
import type { ReasonCode } from './reasons.ts'
import type { ImageRules, SitePolicy } from './site.ts'

/** `decides`: the check knows the facts. `closed`: it does not, and fails wherever the key is declared. `null`: not a rule. */
export interface RuleKey {
  readonly code: ReasonCode
  readonly how: 'decides' | 'closed'
}

const decides = (code: ReasonCode): RuleKey => ({ code, how: 'decides' })
const closed = (code: ReasonCode): RuleKey => ({ code, how: 'closed' })

type SiteKey = Exclude<keyof SitePolicy, 'images'> | `images.${keyof ImageRules}`

export const SITE_RULES: Readonly<Record<SiteKey, RuleKey>> = {
  projects: decides('PROJECT_NOT_ADMITTED'),
  groups: closed('GROUP_MISSING'),
  countries: closed('COUNTRY_NOT_ADMITTED'),
  affiliations: closed('AFFILIATION_MISSING'),
  terms: closed('TERMS_NOT_ACCEPTED'),
  assurance: closed('ASSURANCE_LOW'),
  mfa: closed('MFA_MISSING'),
  visas: closed('VISA_MISSING'),
  visaMarginHours: closed('VISA_EXPIRES_TOO_SOON'),
  approvedWorkOnly: closed('WORK_NOT_APPROVED'),
  egressReview: closed('EGRESS_REVIEW_REQUIRED'),
  isolation: closed('ISOLATION_UNAVAILABLE'),
  'images.allow': decides('IMAGE_NOT_ALLOWED'),
  'images.digest': decides('IMAGE_NOT_PINNED'),
  'images.base': closed('BASE_IMAGE_NOT_ALLOWED'),
  'images.signed': closed('IMAGE_UNSIGNED'),
  outputs: decides('OUTPUT_TARGET_DENIED'),
  quota: closed('QUOTA'),
  frozen: decides('FROZEN'),
  siteRules: decides('SITE_RULE'),
}

export const PREFIX_RULES: Readonly<Record<keyof LocationPrefix, RuleKey | null>> = {
  url: null,
  sensitivity: decides('SENSITIVITY'),
  access: decides('WORK_NOT_APPROVED'),
  residency: decides('RESIDENCY'),
  groups: closed('GROUP_MISSING'),
  visas: closed('VISA_MISSING'),
  isolation: closed('ISOLATION_UNAVAILABLE'),
  egressReview: closed('EGRESS_REVIEW_REQUIRED'),
  dataset: null,
  outputs: decides('OUTPUT_TARGET_DENIED'),
}

type ProjectKey = Exclude<keyof Project, 'quota'> | `quota.${keyof ProjectQuota}`

export const PROJECT_RULES: Readonly<Record<ProjectKey, RuleKey | null>> = {
  id: null,
  sites: decides('PROJECT_NOT_ADMITTED'),
  'quota.cpuHours': closed('QUOTA'),
  'quota.queued': decides('QUOTA'),
  untilMs: decides('PROJECT_NOT_ADMITTED'),
  frozen: decides('FROZEN'),
  owns: decides('GROUP_MISSING'),
}

/** A declared rule that no check can decide yet. */
export interface DeclaredRule {
  readonly code: ReasonCode
  /** Who declares which key: `the site declares policy.groups`, `prefix s3://x/ declares groups`, `project p declares quota`. */
  readonly says: string
}

/** True for a list of who or what is admitted, also for an empty one: nobody is on it. */
export function isList<T>(list: readonly T[] | null | undefined): list is readonly T[] {
  return list !== undefined && list !== null
}

/** For keys that no check can decide yet: true unless the key is absent, null, false or an empty list. */
export function isDeclared(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0)
}

export function declaredBySite(policy: SitePolicy): readonly DeclaredRule[] {
  const { images, ...rest } = policy
  const values = [...Object.entries(rest), ...Object.entries(images ?? {}).map(([key, value]) => [`images.${key}`, value] as const)]
  return undecided(values, SITE_RULES, 'the site declares policy.')
}

/** `name`: what the prefix is called. */
export function declaredByPrefix(prefix: LocationPrefix, name: string): readonly DeclaredRule[] {
  return undecided(Object.entries(prefix), PREFIX_RULES, `${name === prefix.url ? `prefix ${name}` : name} declares `)
}

export function declaredByProject(project: Project): readonly DeclaredRule[] {
  const { quota, ...rest } = project
  const values = [...Object.entries(rest), ...Object.entries(quota ?? {}).map(([key, value]) => [`quota.${key}`, value] as const)]
  return undecided(values, PROJECT_RULES, `project ${project.id} declares `)
}

/** A key that no table knows can have slipped past a loader; it counts as a rule of the site that nobody can decide. */
function undecided(
  values: readonly (readonly [string, unknown])[],
  table: Readonly<Record<string, RuleKey | null>>,
  where: string,
): readonly DeclaredRule[] {
  return values.flatMap(([name, value]) => {
    if (!isDeclared(value)) return []
    const rule = Object.hasOwn(table, name) ? table[name] : closed('SITE_RULE')
    return rule?.how === 'closed' ? [{ code: rule.code, says: `${where}${name}` }] : []
  })
}
