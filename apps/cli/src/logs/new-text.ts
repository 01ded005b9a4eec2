/**
 * What of the end of a text is new to whoever has seen an earlier end of it. Pure.
 */
export interface TextTail {
  readonly text: string
  /** Characters before it. */
  readonly from: number
  /** Characters in all. */
  readonly total: number
}

/** What has been shown of a text. */
export interface Shown {
  readonly total: number
  /** Its last characters, to find them again. */
  readonly end: string
}

export interface NewText {
  readonly text: string
  /** Characters between what was shown and this; -1: some, and nobody knows how many. */
  readonly missed: number
  readonly shown: Shown
}

const KEPT = 2_048
/** Fewer of them stand anywhere. */
const LEAST = 16

export const NOTHING_SHOWN: Shown = { total: 0, end: '' }

/**
 * By place, where the server counts from the beginning of the text; a server that shows but a window of it (its last kilobytes) counts in that alone, so
 * there the last characters that were shown are looked for.
 */
export function findNew(shown: Shown, tail: TextTail): NewText {
  const at = shown.total - tail.from
  const answer = (from: number, missed: number): NewText => {
    const text = tail.text.slice(from)
    return { text, missed, shown: { total: tail.total, end: (missed === 0 ? shown.end + text : text).slice(-KEPT) } }
  }
  if (at < 0) return answer(0, -at)
  if (at <= tail.text.length && isBehind(tail.text, at, shown.end)) return answer(at, 0)
  const least = Math.max(1, Math.min(LEAST, shown.end.length))
  for (let length = shown.end.length; length >= least; length = Math.floor(length / 2)) {
    const found = tail.text.lastIndexOf(shown.end.slice(-length))
    if (found >= 0) return answer(found + length, 0)
  }
  return answer(0, tail.text === '' ? 0 : -1)
}

/** What was shown last stands just before this place, as far as it can be seen. */
function isBehind(text: string, at: number, end: string): boolean {
  const length = Math.min(at, end.length)
  return text.slice(at - length, at) === end.slice(end.length - length)
}
