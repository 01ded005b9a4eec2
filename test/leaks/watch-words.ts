/**
 * Shows what this process says on standard output and standard error, by whichever way it says it.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import process from 'node:process'

type Take = (words: Uint8Array | string) => void
type Write = (...args: unknown[]) => unknown

/** From now on. */
export function watchWords(take: Take): void {
  for (const stream of [process.stdout, process.stderr]) stream.write = watchStream(stream.write.bind(stream), take)
  // A log may write by the number of the stream.
  for (const name of ['write', 'writeSync'] as const) Object.assign(fs, { [name]: watchWrite(fs[name] as Write, take) })
  syncBuiltinESMExports()
}

function watchStream(write: typeof process.stdout.write, take: Take): typeof process.stdout.write {
  return (chunk: Uint8Array | string, ...rest: unknown[]): boolean => {
    take(chunk)
    return Reflect.apply(write, undefined, [chunk, ...rest])
  }
}

function watchWrite(write: Write, take: Take): Write {
  return (...args) => {
    const [stream, words] = args
    const isSaid = stream === process.stdout.fd || stream === process.stderr.fd
    if (isSaid && (typeof words === 'string' || words instanceof Uint8Array)) take(words)
    return write(...args)
  }
}
