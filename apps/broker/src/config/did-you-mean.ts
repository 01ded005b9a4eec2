/**
 * Finds the word that was probably meant.
 */

/** Insertions, deletions, changes and swaps of neighbours that lead from one word to the other. */
function distance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= left.length; row++) {
    const line = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      let best = Math.min(
        (rows[row - 1]?.[column] ?? 0) + 1,
        (line[column - 1] ?? 0) + 1,
        (rows[row - 1]?.[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (swapped) best = Math.min(best, (rows[row - 2]?.[column - 2] ?? 0) + 1)
      line.push(best)
    }
    rows.push(line)
  }
  return rows[left.length]?.[right.length] ?? 0
}

/** The nearest of `words`, if it is near enough to be a slip; the first of equals. */
export function didYouMean(wrong: string, words: readonly string[]): string | undefined {
  const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_]/g, '')
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(wrong.length / 3)) + 1
  for (const word of words) {
    const near = distance(plain(wrong), plain(word))
    const started = wrong.length >= 3 && plain(word).startsWith(plain(wrong)) ? 1 : near
    const score = Math.min(near, started)
    if (score < bestDistance) {
      best = word
      bestDistance = score
    }
  }
  return best
}
