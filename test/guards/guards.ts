/**
 * All guards, in the order in which they are tried.
 */
import type { Guard } from './guard.ts'
import { ACCOUNTS } from './table/accounts.ts'
import { APART } from './table/apart.ts'
import { DATA_INPUTS } from './table/data-inputs.ts'
import { DATA_OUTPUTS } from './table/data-outputs.ts'
import { DEVICES } from './table/devices.ts'
import { DOOR } from './table/door.ts'
import { EVENTS } from './table/events.ts'
import { LOCATING } from './table/locating.ts'
import { OUTWARD } from './table/outward.ts'
import { PAGES } from './table/pages.ts'
import { PERSONS } from './table/persons.ts'
import { SESSION_GUARDS } from './table/sessions.ts'
import { SITES } from './table/sites.ts'
import { STORES } from './table/stores.ts'
import { TOKENS } from './table/tokens.ts'
import { UPLOADS } from './table/uploads.ts'

export const GUARDS: readonly Guard[] = [
  ...TOKENS,
  ...APART,
  ...DOOR,
  ...OUTWARD,
  ...PAGES,
  ...ACCOUNTS,
  ...DEVICES,
  ...PERSONS,
  ...SESSION_GUARDS,
  ...SITES,
  ...EVENTS,
  ...DATA_INPUTS,
  ...DATA_OUTPUTS,
  ...LOCATING,
  ...STORES,
  ...UPLOADS,
]
