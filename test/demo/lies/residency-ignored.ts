/** Checks of data, of which the one of residency finds nothing wrong. */
import type { Check } from '../../../packages/federation/src/checks/check.ts'
import { residency as honest } from '../../../packages/federation/src/checks/data.ts'

export { sensitivity, workNotApproved } from '../../../packages/federation/src/checks/data.ts'
export const residency: Check = { ...honest, check: () => undefined }
