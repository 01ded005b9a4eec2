/**
 * So many tasks are measured at one location at once, so that each is through soon; the others wait in line, first come, first served.
 */
import type { LocationId } from '@portolan/federation'

export interface MeasuringPlaces {
  /** Answers how to give the place back, once. Who has waited so long, or is told to stop, goes on without waiting. */
  enter(location: LocationId, waitMs: number, signal: AbortSignal): Promise<() => void>
}

interface Line {
  taken: number
  readonly waiting: Set<() => void>
}

export function createMeasuringPlaces(atOnce: number): MeasuringPlaces {
  const lines = new Map<LocationId, Line>()

  function take(location: LocationId, line: Line): () => void {
    let isHeld = true
    line.taken += 1
    return () => {
      if (!isHeld) return
      isHeld = false
      line.taken -= 1
      const [next] = line.waiting
      if (next && line.taken < atOnce) next()
      else if (line.taken === 0 && line.waiting.size === 0) lines.delete(location)
    }
  }

  return {
    enter(location, waitMs, signal) {
      const line = lines.get(location) ?? { taken: 0, waiting: new Set() }
      lines.set(location, line)
      return new Promise(resolve => {
        const enter = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', enter)
          line.waiting.delete(enter)
          resolve(take(location, line))
        }
        const timer = setTimeout(enter, waitMs)
        signal.addEventListener('abort', enter)
        line.waiting.add(enter)
        if (line.taken < atOnce || waitMs === 0 || signal.aborted) enter()
      })
    },
  }
}
