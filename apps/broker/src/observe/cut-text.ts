/**
 * Texts whose middle is left out: head and tail, and between them a line that counts what is gone. Where such a text is cut again the line goes on
 * counting. Characters are those of UTF-16. Pure.
 */

/** Characters kept of one stdout or stderr. */
export const LOG_HEAD = 64 * 1024
export const LOG_TAIL = 192 * 1024

export interface TextCut {
  /** Where the line stands. */
  readonly at: number
  readonly characters: number
  /** Where the tail begins. */
  readonly goesOnAt: number
}

/** What was left out of a text of which so much was kept; undefined: nothing. */
export function findCut(text: string, head = LOG_HEAD, tail = LOG_TAIL): TextCut | undefined {
  if (text.length <= head + tail) return undefined
  const goesOnAt = text.length - tail
  const [, characters] = /^\n\[(\d{1,15}) characters left out\]\n$/.exec(text.slice(head, goesOnAt)) ?? []
  return characters === undefined ? undefined : { at: head, characters: Number(characters), goesOnAt }
}

/** The text, or what is kept of it; of one that was cut to the usual length before, what was left out then is counted with the rest. */
export function capText(text: string, head = LOG_HEAD, tail = LOG_TAIL): string {
  const before = findCut(text)
  if (before) return joinCut(text.slice(0, before.at), before.characters, text.slice(before.goesOnAt), head, tail)
  const over = text.length - head - tail
  return over <= 0 ? text : joinCut(text.slice(0, head), over, text.slice(text.length - tail), head, tail)
}

/** Of a text that has lost so many characters between `begin` and `end`. */
export function joinCut(begin: string, characters: number, end: string, head = LOG_HEAD, tail = LOG_TAIL): string {
  const first = begin.slice(0, head)
  const last = end.slice(Math.max(0, end.length - tail))
  return `${first}\n[${characters + begin.length - first.length + end.length - last.length} characters left out]\n${last}`
}
