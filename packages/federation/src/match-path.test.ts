import { describe, expect, it } from 'vitest'
import { compilePattern, hasPattern } from './match-path.ts'

const rows: readonly (readonly [sentence: string, pattern: string, path: string, covered: boolean])[] = [
  ['a star takes any name of a segment', '/out/*.txt', '/out/a.txt', true],
  ['a star takes nothing too', '/out/a*', '/out/a', true],
  ['a star does not cross a slash', '/out/*.txt', '/out/x/a.txt', false],
  ['a directory that matches brings all below it', '/out/run-*', '/out/run-1/log/a.txt', true],
  ['what is shorter than the pattern is not meant', '/out/*/a', '/out/x', false],
  ['a question mark takes one character, not one half of one', '/out/?.txt', '/out/🧬.txt', true],
  ['a leading dot is matched by a dot alone', '/out/*', '/out/.hidden', false],
  ['a pattern with the dot takes it', '/out/.*', '/out/.hidden', true],
  ['a set takes its members', '/out/[abc].txt', '/out/b.txt', true],
  ['a set takes a range', '/out/chr[1-9]', '/out/chr7', true],
  ['a range that runs backwards takes nothing', '/out/[z-a]', '/out/m', false],
  ['a negated set takes the others', '/out/[!abc]', '/out/d', true],
  ['a negated set does not take its members', '/out/[!abc]', '/out/a', false],
  ['a bracket first in a set is a member', '/out/[]x]', '/out/]', true],
  ['a hyphen last in a set is a member', '/out/[a-]', '/out/-', true],
  ['a class counts as its members', '/out/[[:digit:]x]', '/out/4', true],
  ['a bracket that nothing closes stands for itself', '/out/[ab', '/out/[ab', true],
  ['an escaped star is a star', '/out/\\*', '/out/a', false],
  ['two stars of one segment find their parts', '/out/*a*b', '/out/xaxxb', true],
  ['a pattern that would make a slow matcher think for ever answers', `/out/${'*a'.repeat(40)}b`, `/out/${'a'.repeat(2_000)}`, false],
]

describe('a pattern of paths', () => {
  it.each(rows)('%s', (_, pattern, path, covered) => {
    expect(compilePattern(pattern).covers(path)).toBe(covered)
  })

  it('names the directory that holds no pattern', () => {
    expect(['/out/a/*.txt', '/*', '/out/a\\*b/c?', '/out/file'].map(pattern => compilePattern(pattern).fixed)).toEqual([
      '/out/a',
      '',
      '/out/a*b',
      '/out',
    ])
  })

  it('an escaped sign is no pattern', () => {
    expect(['/out/\\*', '/out/*', '/a[b', '/plain'].map(hasPattern)).toEqual([false, true, true, false])
  })
})
