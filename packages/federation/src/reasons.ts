/**
 * Every reason why a site may not run a work item: its stable code and whether time alone can mend it.
 * The order is the order of the checks.
 */
export const REASONS = {
  SITE_DRAINING: 'later',
  SITE_DOWN: 'later',
  BREAKER_OPEN: 'later',
  TOO_LARGE_EVER: 'never',
  TASK_TOO_LARGE: 'never',
  NO_ROOM_NOW: 'later',
  URL_SCHEME_UNSUPPORTED: 'never',
  INPUT_UNREACHABLE: 'never',
  FEATURE_UNSUPPORTED: 'never',
  ISOLATION_UNAVAILABLE: 'never',
  BACKEND_PARAMETER_UNSUPPORTED: 'never',
  PATH_UNMAPPED: 'never',
  PROJECT_NOT_ADMITTED: 'never',
  GROUP_MISSING: 'never',
  COUNTRY_NOT_ADMITTED: 'never',
  AFFILIATION_MISSING: 'never',
  TERMS_NOT_ACCEPTED: 'never',
  ASSURANCE_LOW: 'never',
  MFA_MISSING: 'never',
  VISA_MISSING: 'never',
  VISA_EXPIRES_TOO_SOON: 'never',
  RESIDENCY: 'never',
  SENSITIVITY: 'never',
  WORK_NOT_APPROVED: 'never',
  EGRESS_REVIEW_REQUIRED: 'never',
  IMAGE_NOT_ALLOWED: 'never',
  IMAGE_NOT_PINNED: 'never',
  BASE_IMAGE_NOT_ALLOWED: 'never',
  IMAGE_UNSIGNED: 'never',
  OUTPUT_TARGET_DENIED: 'never',
  RUN_TOO_LONG: 'never',
  QUOTA: 'later',
  FROZEN: 'later',
  SITE_RULE: 'never',
  /** The user's own wish, not a rule of the site. */
  NOT_REQUESTED: 'never',
  /** The site has failed this work item before. */
  ALREADY_TRIED: 'never',
} as const satisfies Record<string, 'later' | 'never'>

export type ReasonCode = keyof typeof REASONS

/** The state of the site alone: it has no room, is down or is being drained. No rule keeps the work away. */
export const ROOM_CODES: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['SITE_DRAINING', 'SITE_DOWN', 'BREAKER_OPEN', 'NO_ROOM_NOW'])

/** The codes in the order of the checks. */
export const REASON_CODES: readonly ReasonCode[] = Object.keys(REASONS) as ReasonCode[]
