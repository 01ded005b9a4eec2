/**
 * All guards, in the order in which they are tried.
 */
import type { Guard } from './guard.ts'
import { ACCOUNTS } from './table/accounts.ts'
import { APART } from './table/apart.ts'
import { DOOR } from './table/door.ts'
import { OUTWARD } from './table/outward.ts'
import { PAGES } from './table/pages.ts'
import { TOKENS } from './table/tokens.ts'

export const GUARDS: readonly Guard[] = [...TOKENS, ...APART, ...DOOR, ...OUTWARD, ...PAGES, ...ACCOUNTS]
