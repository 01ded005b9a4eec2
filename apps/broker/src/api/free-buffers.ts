/**
 * Bytes that pass through leave their buffers behind. The collector sees the small objects that name them, so it lets a hundred megabytes and more of
 * them lie before it looks, and the process grows by that much. A small collection after each few megabytes takes one or two milliseconds, and keeps
 * what is resident as it was (`pnpm bench --only fetch`).
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const MIB = 2 ** 20
const EVERY_BYTES = 8 * MIB

/** To be told of all bytes that pass, by whichever way. */
export type NotePassing = (bytes: number) => void

export function createBufferRelease(collect: () => void = youngCollection()): NotePassing {
  let passed = 0
  return bytes => {
    passed += bytes
    if (passed < EVERY_BYTES) return
    passed = 0
    collect()
  }
}

/** V8 offers it to whoever sets the flag; so late it is found in new contexts alone. */
function youngCollection(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: (options: { readonly type: 'minor' }) => void = runInNewContext('gc')
  return () => collect({ type: 'minor' })
}
