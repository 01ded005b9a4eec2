/** Checks of wishes that find every site wished for. */
import type { Check } from '../../../packages/federation/src/checks/check.ts'
import { notRequested as honest } from '../../../packages/federation/src/checks/wishes.ts'

export { alreadyTried } from '../../../packages/federation/src/checks/wishes.ts'
export const notRequested: Check = { ...honest, check: () => undefined }
