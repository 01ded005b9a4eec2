/**
 * Every requirement that a site and a work item must meet together, read top to bottom, in the order of REASONS.
 */
import type { Check } from './check.ts'
import { residency, sensitivity, workNotApproved } from './data.ts'
import { closedCheck } from './declared.ts'
import { groupMissing } from './groups.ts'
import { baseImageNotAllowed, imageNotAllowed, imageNotPinned, imageUnsigned } from './images.ts'
import { outputTargetDenied } from './outputs.ts'
import { frozen, projectNotAdmitted } from './project.ts'
import { quota } from './quota.ts'
import {
  backendParameterUnsupported,
  featureUnsupported,
  inputUnreachable,
  isolationUnavailable,
  pathUnmapped,
  urlSchemeUnsupported,
} from './reach.ts'
import { breakerOpen, noRoomNow, siteDown, siteDraining } from './room.ts'
import { siteRule } from './site-rules.ts'
import { runTooLong, taskTooLarge, tooLargeEver } from './size.ts'
import { alreadyTried, notRequested } from './wishes.ts'

export const CHECKS: readonly Check[] = [
  siteDraining,
  siteDown,
  breakerOpen,
  tooLargeEver,
  taskTooLarge,
  noRoomNow,
  urlSchemeUnsupported,
  inputUnreachable,
  featureUnsupported,
  isolationUnavailable,
  backendParameterUnsupported,
  pathUnmapped,
  projectNotAdmitted,
  groupMissing,
  closedCheck('COUNTRY_NOT_ADMITTED', 'The person comes from a country that the site admits.'),
  closedCheck('AFFILIATION_MISSING', 'The person has an affiliation that the site admits.'),
  closedCheck('TERMS_NOT_ACCEPTED', 'The person has accepted the terms of the site.'),
  closedCheck('ASSURANCE_LOW', 'The identity of the person is assured as well as the site asks.'),
  closedCheck('MFA_MISSING', 'The person logged in with the factors that the site asks for.'),
  closedCheck('VISA_MISSING', 'The person holds the visas that the site and the data ask for.'),
  closedCheck('VISA_EXPIRES_TOO_SOON', 'The visas last longer than the run, by the margin of the site.'),
  residency,
  sensitivity,
  workNotApproved,
  closedCheck('EGRESS_REVIEW_REQUIRED', 'Results are reviewed before they leave, where the site or the data asks for it.'),
  imageNotAllowed,
  imageNotPinned,
  baseImageNotAllowed,
  imageUnsigned,
  outputTargetDenied,
  runTooLong,
  quota,
  frozen,
  siteRule,
  notRequested,
  alreadyTried,
]
