/**
 * What every adapter of the login store promises. An adapter's test calls this with its opener.
 */
import { describe } from 'vitest'
import { describeBounds } from './login-contract/bounds.contract.ts'
import { describeDevices } from './login-contract/devices.contract.ts'
import { describeFamilies } from './login-contract/families.contract.ts'
import { describeLive } from './login-contract/live.contract.ts'
import { describePendingLogins } from './login-contract/pending-logins.contract.ts'
import { describePersons } from './login-contract/persons.contract.ts'
import { describeSessions } from './login-contract/sessions.contract.ts'
import { describeSweep } from './login-contract/sweep.contract.ts'
import { describeTokens } from './login-contract/tokens.contract.ts'
import { describeUpstream } from './login-contract/upstream.contract.ts'
import type { LoginStore } from './login-store.ts'

export interface OpenedLoginStore extends AsyncDisposable {
  readonly login: LoginStore
}

/** Opens a new, empty store; called once a test. */
export type OpenLoginStore = () => Promise<OpenedLoginStore>

export function describeLoginStore(name: string, open: OpenLoginStore): void {
  describe(name, () => {
    describePersons(open)
    describeTokens(open)
    describeFamilies(open)
    describeSessions(open)
    describeDevices(open)
    describeLive(open)
    describePendingLogins(open)
    describeUpstream(open)
    describeBounds(open)
    describeSweep(open)
  })
}
