/**
 * How slowly somebody may send or take bytes that pass through this process: no less than slow lines carry, with several streams at once. Below that they
 * hold a place that others wait for. Only the time in which they are waited for counts.
 */
const LEAST_BYTES_PER_SECOND = 8 * 1024

export interface Pace {
  /** It is up to them now. */
  begin(): void
  /** They have sent or taken so many bytes, and are not waited for any more. */
  end(bytes: number): void
}

/** `patienceMs`: so long they are waited for, and as long again each time that enough has passed for it. Beyond it `giveUp` is called. */
export function createPace(patienceMs: number, giveUp: () => void): Pace {
  const enough = (LEAST_BYTES_PER_SECOND * patienceMs) / 1_000
  let leftMs = patienceMs
  let passed = 0
  let began = 0
  let timer: NodeJS.Timeout | undefined
  return {
    begin() {
      began = performance.now()
      timer = setTimeout(giveUp, leftMs)
    },
    end(bytes) {
      clearTimeout(timer)
      leftMs -= performance.now() - began
      passed += bytes
      if (passed < enough) return
      passed = 0
      leftMs = patienceMs
    },
  }
}
