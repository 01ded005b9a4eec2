/**
 * Looks whether each login can be reached: from the start on, sooner again where it cannot, and never with anybody waiting. A change is one line in
 * the log; what is amiss just now stands beside the readiness of the broker, which it never changes.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { LoginUnavailable } from '../login.ts'
import type { LoginClient } from './login-client.ts'

const AGAIN_MS = 5_000
const WELL_MS = 300_000
const LOOK_MS = 8_000

export interface IssuerWatch {
  /** One sentence for each login that cannot be reached. */
  troubles(): readonly string[]
}

/** Ends with the signal. */
export function watchIssuers(issuers: readonly LoginClient[], log: Logger, signal: AbortSignal): IssuerWatch {
  const troubles = new Map<string, string>()

  async function look(issuer: LoginClient): Promise<boolean> {
    try {
      await issuer.probe(AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]))
      note(issuer, undefined)
      return true
    } catch (error) {
      if (!signal.aborted) note(issuer, error instanceof LoginUnavailable ? error.says : `The login ${issuer.issuer} cannot be asked.`)
      return false
    }
  }

  function note({ issuer }: LoginClient, trouble: string | undefined): void {
    const before = troubles.get(issuer)
    if (trouble === undefined) {
      if (troubles.delete(issuer)) log.info({ issuer }, 'a login is back')
    } else {
      troubles.set(issuer, trouble)
      if (before !== trouble)
        log.warn({ issuer, reason: trouble }, 'a login cannot be asked: people who are known go on, nobody new comes in by it')
    }
  }

  async function follow(issuer: LoginClient): Promise<void> {
    while (!signal.aborted) {
      const isWell = await look(issuer)
      await pause(isWell ? WELL_MS : AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  for (const issuer of issuers) void follow(issuer)
  return { troubles: () => [...troubles.values()] }
}
