/** Checks of data, of which the one of sensitivity finds nothing wrong. */
import type { Check } from '../../../packages/federation/src/checks/check.ts'
import { sensitivity as honest } from '../../../packages/federation/src/checks/data.ts'

export { residency, workNotApproved } from '../../../packages/federation/src/checks/data.ts'
export const sensitivity: Check = { ...honest, check: () => undefined }
