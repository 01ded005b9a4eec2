/**
 * A foreign document that is needed all the time: kept, renewed behind the back of its readers, and used for a while longer when its server
 * is silent. However many ask, one question is on the way, and after a failure there is a pause.
 */
import type { Trouble } from './ask-login.ts'

export interface KeptTimes {
  /** For so long a copy is used without asking again. */
  readonly freshMs: number
  /** For so much longer it is used while a newer one is fetched or cannot be had. */
  readonly staleMs: number
  /** Least time between two questions, after a failure and when a newer copy is wished for. */
  readonly pauseMs: number
}

export interface Copy<T> {
  readonly value: T
  /** When the question for it was asked, in ms since 1970. */
  readonly askedAt: number
}

export type Loaded<T> = { readonly ok: true; readonly copy: Copy<T> } | { readonly ok: false; readonly trouble: Trouble }

export interface KeptDocument<T> {
  /** A copy that may be used, if there is one, without waiting for anybody. */
  readNow(): Copy<T> | undefined
  /** The same, or one that is fetched for it. */
  read(): Promise<Loaded<T>>
  /** A copy newer than `seen`; undefined if it is too early to ask for one. */
  readNewer(seen: Copy<T>): Promise<Loaded<T> | undefined>
  /** How long until `readNewer` may ask, in ms. */
  pauseLeftMs(): number
}

type Load<T> = () => Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly trouble: Trouble }>

export function keepDocument<T>(load: Load<T>, { freshMs, staleMs, pauseMs }: KeptTimes, now: () => number): KeptDocument<T> {
  let kept: Copy<T> | undefined
  let lastTrouble: Trouble | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let onTheWay: Promise<Loaded<T>> | undefined

  function ask(): Promise<Loaded<T>> {
    onTheWay ??= askOnce().finally(() => {
      onTheWay = undefined
    })
    return onTheWay
  }

  async function askOnce(): Promise<Loaded<T>> {
    const at = now()
    askedAt = at
    const loaded = await load()
    lastTrouble = loaded.ok ? undefined : loaded.trouble
    if (!loaded.ok) return loaded
    kept = { value: loaded.value, askedAt: at }
    return { ok: true, copy: kept }
  }

  /** A clock that was set back must not keep a copy for ever, nor a pause. */
  const ageOf = (at: number) => {
    const age = now() - at
    return age < 0 ? Number.POSITIVE_INFINITY : age
  }
  const pauseLeftMs = () => Math.max(0, pauseMs - ageOf(askedAt))
  const isPaused = () => lastTrouble !== undefined && pauseLeftMs() > 0

  function readNow(): Copy<T> | undefined {
    if (!kept) return undefined
    const age = ageOf(kept.askedAt)
    if (age >= freshMs && age < freshMs + staleMs && !isPaused()) void ask()
    return age < freshMs + staleMs ? kept : undefined
  }

  return {
    readNow,
    pauseLeftMs,
    async read() {
      const copy = readNow()
      if (copy) return { ok: true, copy }
      if (lastTrouble && isPaused()) return { ok: false, trouble: { ...lastTrouble, retryAfterMs: pauseLeftMs() } }
      return await ask()
    },
    async readNewer(seen) {
      if (kept && kept !== seen) return { ok: true, copy: kept }
      if (onTheWay) return await onTheWay
      return pauseLeftMs() > 0 ? undefined : await ask()
    },
  }
}
