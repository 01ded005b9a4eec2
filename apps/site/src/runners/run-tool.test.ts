import { expect, it } from 'vitest'
import { lastWords } from './run-tool.ts'

const rows: [said: string, shown: string][] = [
  [
    'Trying to pull x...\ntime="…" level=warning msg="Failed, retrying"\nError: initializing source: : connection refused\n',
    'initializing source: connection refused',
  ],
  ['Error: short-name resolution: : : no such image', 'short-name resolution: no such image'],
  ['docker: no such image\nSee docker run --help\n', 'docker: no such image\nSee docker run --help'],
  ['', ''],
]
for (const [said, shown] of rows)
  it(`${JSON.stringify(said)} is shown as ${JSON.stringify(shown)}`, () => expect(lastWords(said)).toBe(shown))
