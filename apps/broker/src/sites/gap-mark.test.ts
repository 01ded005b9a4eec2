import { describe, expect, it } from 'vitest'
import { capText, LOG_HEAD, LOG_TAIL } from '../observe/cut-text.ts'
import { createGapMark, READ_HEAD, READ_TAIL } from './gap-mark.ts'

const COVERED = 's'.repeat(200)
const hide = (text: string): string => text.replaceAll(COVERED, '[hidden]')

/** As a text is read whose middle is left out. */
const read = (write: (characters: number) => string, text: string): string =>
  text.slice(0, READ_HEAD) + write(text.length - READ_HEAD - READ_TAIL) + text.slice(-READ_TAIL)

describe('a text whose middle was left out while it was read', () => {
  const whole = Array.from({ length: 600_000 }, (_, at) => String.fromCharCode(97 + (at % 26) - (at % 26 === 18 ? 1 : 0))).join('')

  it('becomes what would have been stored of the whole', () => {
    const { write, close } = createGapMark()
    expect(close(read(write, whole), hide)).toBe(capText(whole))
  })

  it('shows no part of a secret that was cut, and none of others', () => {
    const { write, close } = createGapMark()
    for (const at of [1_000, LOG_HEAD - 100, READ_HEAD - 100, whole.length - READ_TAIL - 100, whole.length - LOG_TAIL - 100]) {
      const closed = close(read(write, whole.slice(0, at) + COVERED + whole.slice(at + COVERED.length)), hide)
      expect(closed).not.toContain('ss')
      expect(closed.length).toBe(capText(whole).length)
    }
  })

  it('has a mark that no tool can write', () => {
    const words = createGapMark().write(5)
    expect(createGapMark().close(`${words} ${COVERED}`, hide)).toBe(`${words} [hidden]`)
  })
})
