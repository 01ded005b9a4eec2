import { describe, expect, it } from 'vitest'
import { compileSegment } from './match-pattern.ts'

const rows: [pattern: string, matching: string[], others: string[]][] = [
  ['*', ['a', 'a.txt', 'ä b'], ['.hidden']],
  ['*.txt', ['a.txt', '-.txt'], ['a.txt.gz', '.txt', 'atxt']],
  ['.*', ['.hidden'], ['a']],
  ['?.t[xy]t', ['a.txt', 'b.tyt'], ['ab.txt', 'a.tzt']],
  ['[!a-c]*', ['d1', '-'], ['a1', 'b', '']],
  ['[[:digit:]]*', ['1a'], ['a1']],
  ['[]x]', [']', 'x'], ['[']],
  ['a[', ['a['], ['a']],
  ['[z-a]', [], ['z', 'a', '-']],
  ['\\*', ['*'], ['a']],
  ['a+(b)|$^{c}', ['a+(b)|$^{c}'], ['aab']],
  ['*a*b?c*', ['xaybzcx', 'ababzc'], ['abc', 'aczb']],
  ['?', ['😀'], ['ab']],
  [`*${'a*'.repeat(40)}b`, [`${'a'.repeat(40)}b`], ['a'.repeat(20_000)]],
]

describe('a shell pattern', () => {
  for (const [pattern, matching, others] of rows) {
    it(`${pattern} matches ${JSON.stringify(matching)} and not ${JSON.stringify(others)}`, () => {
      const test = compileSegment(pattern)
      expect(matching.filter(name => !test(name))).toEqual([])
      expect(others.filter(test)).toEqual([])
    })
  }
})
