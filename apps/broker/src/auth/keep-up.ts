/**
 * Runs the upkeep of the login store (`login-upkeep.ts`) for as long as the process takes requests: a round after the other, and a last one at the end,
 * so that what was noted is written. A round that fails is told once, and tried again.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { LoginUpkeep } from './login-upkeep.ts'

const AGAIN_MS = 5_000

export function keepUp(upkeep: LoginUpkeep, now: () => number, log: Pick<Logger, 'warn'>): AsyncDisposable {
  const stop = new AbortController()
  const { signal } = stop
  let failing = false

  async function round(): Promise<number> {
    try {
      const next = await upkeep.round(signal)
      failing = false
      return next
    } catch (err) {
      if (!failing) log.warn({ err }, 'uses of tokens cannot be written down, and what has expired stays')
      failing = true
      return now() + AGAIN_MS
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const next = await round()
      await pause(Math.max(0, next - now()), undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  const running = run()
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await round()
    },
  }
}
