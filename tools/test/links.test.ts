/**
 * Links of the pages: what is found to be broken, and what is let alone.
 */
import { describe, expect, it } from 'vitest'
import { findBrokenLinks } from '../src/links.ts'

const FILES = ['README.md', 'docs/a.md', 'docs/deep/b.md', 'src/code.ts']
const OTHER = '# Title\n\n## Two `words`, and more\n\n## Again\n\n## Again\n'

function check(page: string) {
  const pages = new Map([
    ['docs/a.md', page],
    ['docs/deep/b.md', OTHER],
  ])
  return findBrokenLinks(pages, FILES).map(({ file, line, target, reason }) => `${file}:${line} ${target} ${reason}`)
}

describe('a link', () => {
  it.each([
    ['to a page', '[b](deep/b.md)'],
    ['to a file above', '[code](../src/code.ts)'],
    ['to a folder', '[deep](deep/) and [src](../src)'],
    ['to a heading of its own page', '# Here it is\n[up](#here-it-is)'],
    ['to a heading with signs', '[b](deep/b.md#two-words-and-more)'],
    ['to the second of two equal headings', '[b](deep/b.md#again-1)'],
    ['with a title', '[b](deep/b.md "the other page")'],
    ['out of the project', '[there](https://example.org/x#y)'],
    ['in code', '`[b](none.md)` and\n```md\n[b](none.md)\n```'],
  ])('%s is good', (_, page) => {
    expect(check(page)).toEqual([])
  })

  it.each([
    ['to a file that is not there', 'x\n[b](none.md)', 'docs/a.md:2 none.md leads to no file of the project'],
    ['out of the root', '[b](../../x.md)', 'docs/a.md:1 ../../x.md leads to no file of the project'],
    ['to a heading that is not there', '[b](deep/b.md#three)', 'docs/a.md:1 deep/b.md#three names a heading that is not there'],
    ['to a heading inside code', '```\n# no\n```\n[up](#no)', 'docs/a.md:4 #no names a heading that is not there'],
    ['to an anchor in a program', '[c](../src/code.ts#L1)', 'docs/a.md:1 ../src/code.ts#L1 names an anchor in what is no page'],
    ['from the root', '[b](/docs/a.md)', 'docs/a.md:1 /docs/a.md is absolute, and other places show the page under another root'],
    ['by a definition', '[b]: none.md', 'docs/a.md:1 none.md leads to no file of the project'],
  ])('%s is found', (_, page, found) => {
    expect(check(page)).toEqual([found])
  })
})
