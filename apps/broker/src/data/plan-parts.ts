/**
 * How a file is cut into parts. Pure.
 */

const MIB = 2 ** 20
const USUAL_PART_BYTES = 16 * MIB
/** As large as an object of S3 can be. */
export const MOST_UPLOAD_BYTES = 5 * 2 ** 40

/** The size of each part but the last: 16 MiB, or as much more as it takes to stay within `mostParts`. */
export function planParts(bytes: number, mostParts: number): number {
  if (mostParts === 1) return bytes
  return Math.max(USUAL_PART_BYTES, Math.ceil(bytes / mostParts / MIB) * MIB)
}

export interface CutFile {
  readonly bytes: number
  readonly partBytes: number
}

/** An empty file has one part, which is empty. */
export function countParts({ bytes, partBytes }: CutFile): number {
  return Math.max(1, Math.ceil(bytes / Math.max(1, partBytes)))
}

/** The size of the part `number`, 1 for the first; undefined if there is no such part. */
export function sizeOfPart(file: CutFile, number: number): number | undefined {
  const count = countParts(file)
  if (!Number.isInteger(number) || number < 1 || number > count) return undefined
  return number < count ? file.partBytes : file.bytes - (count - 1) * file.partBytes
}

/** The parts that are missing or have another size than they must. */
export function missingParts(file: CutFile, there: readonly { readonly number: number; readonly bytes: number }[]): readonly number[] {
  const sizes = new Map(there.map(({ number, bytes }) => [number, bytes]))
  const numbers = Array.from({ length: countParts(file) }, (_, at) => at + 1)
  return numbers.filter(number => sizes.get(number) !== sizeOfPart(file, number))
}
