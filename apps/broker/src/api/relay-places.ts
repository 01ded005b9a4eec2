/**
 * So many relays at once: each holds a connection to a store and one to a person. Who comes then waits, first come, first served.
 */
export interface RelayPlaces {
  /** Answers how to give the place back, once; undefined if none was free in time, or the signal came first. */
  take(waitMs: number, signal: AbortSignal): Promise<(() => void) | undefined>
}

export function createRelayPlaces(atOnce: number): RelayPlaces {
  const waiting: (() => void)[] = []
  let taken = 0

  const give = (): void => {
    const next = waiting.shift()
    if (next) next()
    else taken -= 1
  }

  const once = (): (() => void) => {
    let given = false
    return () => {
      if (!given) give()
      given = true
    }
  }

  return {
    take(waitMs, signal) {
      if (signal.aborted) return Promise.resolve(undefined)
      if (taken < atOnce) {
        taken += 1
        return Promise.resolve(once())
      }
      return new Promise(resolve => {
        const leave = (): void => {
          waiting.splice(waiting.indexOf(enter), 1)
          end(undefined)
        }
        const timer = setTimeout(leave, waitMs)
        const end = (place: (() => void) | undefined): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', leave)
          resolve(place)
        }
        const enter = (): void => end(once())
        signal.addEventListener('abort', leave)
        waiting.push(enter)
      })
    },
  }
}
