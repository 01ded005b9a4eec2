/**
 * Texts that no tracked file may hold. The samples are put together here so that this file holds none of them.
 */
import { expect, it } from 'vitest'
import { findWords } from '../src/words.ts'

const CLEAN = ['bash /work/.command.run in a container', 'a todo list of shared work', 'https://example.org/work/1', '/hack/ 0xxx']

it.each([
  ['README.md', `${'..'}/shared/DESIGN.md`],
  ['README.md', `see ${'/'}work/main`],
  ['README.md', `https://registry${'.'}npmjs.org/x`],
  ['src/a.ts', `// ${'TO'}DO later`],
  ['src/a.ts', `// @ts-${'ignore'}`],
  ['src/a.test.ts', `it${'.'}skip('a', () => {})`],
  ['src/a.test.ts', `describe${'.'}runIf(false)('a', () => {})`],
])('%s may not say %s', (file, text) => {
  expect(findWords(file, `first line\n${text}\n`)).toMatchObject([{ file, line: 2, text }])
})

it('lets other texts pass', () => {
  expect(findWords('src/a.ts', CLEAN.join('\n'))).toEqual([])
})
