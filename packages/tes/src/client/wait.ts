/**
 * Waiting for many tasks with one look per interval: a few are asked one by one, many by walking the list once.
 * Trouble of the server lengthens the interval; only an answer that comes three times in a row and will not change by itself ends a wait.
 */
import { ApiError, mayPass } from '@portolan/ga4gh'
import { isTerminal, type TesState } from '../index.ts'

export interface Looker {
  /** State of one task. */
  getState(id: string): Promise<TesState>
  /** The newest tasks, page by page. */
  pages(): AsyncIterable<{ readonly items: readonly { readonly id: string; readonly state: TesState }[] }>
}

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  /** Hears of each state when it is first seen, of the final one too. */
  readonly onState?: ((state: TesState, id: string) => void) | undefined
  /** Hears of a look that failed. The wait goes on. */
  readonly onTrouble?: ((error: ApiError) => void) | undefined
}

export interface Waiter {
  /** Resolves with the final state. Rejects with an `ApiError`: `aborted`, or what the server said three times. */
  wait(id: string, options: WaitOptions): Promise<TesState>
}

interface Wait {
  readonly id: string
  readonly onState: WaitOptions['onState']
  readonly onTrouble: WaitOptions['onTrouble']
  seen: TesState | undefined
  readonly resolve: (state: TesState) => void
  readonly reject: (error: unknown) => void
}

const FEW = 8
const MAX_PAGES = 5
const MAX_STRIKES = 3
const LONGEST_INTERVAL_MS = 60_000

export function createWaiter(look: Looker, intervalMs: number, pause: (ms: number) => Promise<void>): Waiter {
  const waits = new Set<Wait>()
  const strikes = new Map<string, number>()
  let running = false

  function settle(id: string, act: (wait: Wait) => void): void {
    strikes.delete(id)
    for (const wait of [...waits].filter(wait => wait.id === id)) {
      waits.delete(wait)
      act(wait)
    }
  }

  function see(id: string, state: TesState): void {
    strikes.delete(id)
    for (const wait of [...waits].filter(wait => wait.id === id && wait.seen !== state)) {
      wait.seen = state
      wait.onState?.(state, id)
    }
    if (isTerminal(state)) settle(id, wait => wait.resolve(state))
  }

  function strike(id: string, error: ApiError): void {
    const count = (strikes.get(id) ?? 0) + 1
    strikes.set(id, count)
    if (count >= MAX_STRIKES) settle(id, wait => wait.reject(error))
  }

  /** One look at everything that is waited for. Throws if the server is in trouble. */
  async function lookOnce(): Promise<void> {
    const open = new Set([...waits].map(wait => wait.id))
    if (open.size > FEW) {
      let pages = 0
      for await (const page of look.pages()) {
        for (const task of page.items) if (open.delete(task.id)) see(task.id, task.state)
        if (open.size === 0 || ++pages >= MAX_PAGES) break
      }
    }
    for (const id of open) {
      try {
        see(id, await look.getState(id))
      } catch (error) {
        if (!(error instanceof ApiError) || mayPass(error)) throw error
        strike(id, error)
      }
    }
  }

  async function run(): Promise<void> {
    // Waits that begin together share the first look too.
    await Promise.resolve()
    let delay = intervalMs
    while (waits.size > 0) {
      try {
        await lookOnce()
        delay = intervalMs
      } catch (error) {
        if (!(error instanceof ApiError)) return rejectAll(error)
        for (const tell of new Set([...waits].map(wait => wait.onTrouble))) tell?.(error)
        if (!mayPass(error)) for (const id of new Set([...waits].map(wait => wait.id))) strike(id, error)
        delay = Math.min(LONGEST_INTERVAL_MS, Math.max(delay * 2, error.retryAfterMs ?? 0))
      }
      if (waits.size > 0) await pause(delay)
    }
  }

  function rejectAll(error: unknown): void {
    for (const wait of waits) wait.reject(error)
    waits.clear()
  }

  function start(): void {
    if (running) return
    running = true
    void run()
      .catch(rejectAll)
      .finally(() => {
        running = false
        if (waits.size > 0) start()
      })
  }

  return {
    wait(id, { signal, onState, onTrouble }) {
      return new Promise((resolve, reject) => {
        const forget = () => signal?.removeEventListener('abort', abort)
        const wait: Wait = {
          id,
          onState,
          onTrouble,
          seen: undefined,
          resolve: state => {
            forget()
            resolve(state)
          },
          reject: error => {
            forget()
            reject(error)
          },
        }
        const abort = () => {
          waits.delete(wait)
          strikes.delete(id)
          wait.reject(new ApiError('aborted', `The wait for task ${id} was aborted`, { cause: signal?.reason }))
        }
        if (signal?.aborted) return abort()
        signal?.addEventListener('abort', abort, { once: true })
        waits.add(wait)
        start()
      })
    },
  }
}
