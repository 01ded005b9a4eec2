/**
 * The head and the tail of what an executor wrote, for its log.
 */
import { open } from 'node:fs/promises'

const HEAD_BYTES = 64 * 1024
const TAIL_BYTES = 64 * 1024

/**
 * The whole text up to 128 KiB; of a longer one the first and the last 64 KiB and how much is left out. Never cut inside a character. `grows`: of a
 * character at its end whose last bytes are yet to be written nothing is shown.
 */
export async function readLogText(path: string, { grows = false } = {}): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const read = async (from: number, length: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
      return buffer.subarray(0, bytesRead)
    }
    const readEnd = async (length: number) => {
      const bytes = await read(size - length, length)
      return grows ? withoutCutEnd(bytes) : bytes
    }
    if (size <= HEAD_BYTES + TAIL_BYTES) return (await readEnd(size)).toString('utf8')
    const head = withoutCutEnd(await read(0, HEAD_BYTES))
    const tail = withoutCutStart(await readEnd(TAIL_BYTES))
    const left = size - head.length - tail.length
    return `${head.toString('utf8')}\n[… ${left} bytes left out …]\n${tail.toString('utf8')}`
  } finally {
    await file.close()
  }
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80

function withoutCutStart(bytes: Buffer): Buffer {
  let start = 0
  while (start < 3 && isContinuation(bytes[start])) start++
  return bytes.subarray(start)
}

function withoutCutEnd(bytes: Buffer): Buffer {
  let start = bytes.length - 1
  while (start > bytes.length - 4 && isContinuation(bytes[start])) start--
  const lead = bytes[start] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  return start + length > bytes.length ? bytes.subarray(0, start) : bytes
}
