/** Whole numbers from 0 to 2^53-1 as text: five bits a character, lowest first, the sixth bit says that more follow. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES = new Map(Array.from(ALPHABET, (char, value) => [char, value]))

export function writeNumbers(numbers: readonly number[]): string {
  let text = ''
  for (let rest of numbers) {
    for (; rest >= 32; rest = Math.floor(rest / 32)) text += ALPHABET[32 + (rest % 32)]
    text += ALPHABET[rest]
  }
  return text
}

/** The numbers of a text that `writeNumbers()` wrote. A character of no value counts as the end. */
export function readNumbers(text: string): readonly number[] {
  const numbers: number[] = []
  let value = 0
  let scale = 1
  for (const char of text) {
    const digit = VALUES.get(char)
    if (digit === undefined) break
    value += (digit % 32) * scale
    scale *= 32
    if (digit >= 32) continue
    numbers.push(value)
    value = 0
    scale = 1
  }
  return numbers
}
