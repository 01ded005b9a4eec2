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
  ['src/a.test.ts', `new Secret(${"'x'"})`],
  ['src/a.test.ts', `const PASSWORD = ${'"x"'}`],
  ['src/a.contract.ts', `{ clientSecret: ${"'x y'"} }`],
  ['apps/site/test/a.ts', `auth: bearer(${"'x'"})`],
  ['packages/tes/test/a.ts', `auth: basic('ada', ${"'x'"})`],
  ['test/harness/a.ts', `{ 'x-api-key': ${"'x'"} }`],
  ['test/e2e/a.test.ts', `{ PORTOLAN_TOKEN: ${"'x'"} }`],
  ['test/e2e/a.test.ts', `{ authorization: ${"'Bearer"} x' }`],
])('%s may not say %s', (file, text) => {
  expect(findWords(file, `first line\n${text}\n`)).toMatchObject([{ file, line: 2, text }])
})

it('lets other texts pass', () => {
  expect(findWords('src/a.ts', CLEAN.join('\n'))).toEqual([])
})

it.each([
  "new Secret(makeSecret('x'))",
  "const TOKEN = makeSecret('x')",
  "const CLIENT_SECRET = 'NAME_OF_A_VARIABLE'",
  "{ token: '/oidc/token', access_token: '', token: text, next_page_token: '2' }",
  "const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'",
  'toBe(\'Bearer realm="portolan", error="invalid_token"\')',
  `{ authorization: \`Bearer ${'$'}{token}\` }`,
])('lets a test say %s', text => {
  expect(findWords('test/a.ts', text)).toEqual([])
})

it('lets what is no test spell out what looks like a secret', () => {
  expect(findWords('apps/broker/src/a.ts', `const TOKEN = ${"'x'"}`)).toEqual([])
})
