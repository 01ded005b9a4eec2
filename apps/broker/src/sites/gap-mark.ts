/**
 * Marks texts whose middle was left out while they were read, by a name that nobody who writes texts can know; and closes the gap, once what must
 * not be shown is hidden: where the text was cut, a secret may have lost its other half, and nobody would find it.
 */
import { randomUUID } from 'node:crypto'
import { joinCut, LOG_HEAD, LOG_TAIL } from '../observe/cut-text.ts'

export interface GapMark {
  /** What stands in the place of so many characters. */
  readonly write: (characters: number) => string
  /** The text without what `hide` takes out of it; of one with a gap so much as is kept of a log, in the form of that (`capText`). */
  readonly close: (text: string, hide: (text: string) => string) => string
}

/** No secret is longer in any spelling: credentials and links are sent in headers and first lines of requests. */
const EDGE = 16 * 1024
/** Characters to be read of a long text: what is hidden may be long too. */
export const READ_HEAD = LOG_HEAD + 2 * EDGE
export const READ_TAIL = LOG_TAIL + 2 * EDGE

export function createGapMark(): GapMark {
  const name = randomUUID()
  const written = new RegExp(`\\[${name} (\\d+)\\]`)
  return {
    write: characters => `[${name} ${characters}]`,
    close(text, hide) {
      const gap = text.includes(name) ? written.exec(text) : null
      if (gap === null) return hide(text)
      const head = hide(text.slice(0, gap.index))
      const tail = hide(text.slice(gap.index + gap[0].length))
      const begin = head.slice(0, -EDGE)
      const end = tail.slice(EDGE)
      return joinCut(begin, Number(gap[1]) + head.length - begin.length + tail.length - end.length, end)
    },
  }
}
