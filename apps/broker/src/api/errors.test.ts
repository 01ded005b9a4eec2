import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ERRORS, type ErrorEntry, PLAIN_ERRORS } from './errors.ts'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(([, name = '', status, when, fix]) => [name.replaceAll('`', ''), Number(status), when, fix])

const known: Readonly<Record<string, ErrorEntry>> = { ...ERRORS, ...PLAIN_ERRORS }

describe('the page of errors', () => {
  it('says what the code says, row by row, and no more', () => {
    expect(rows).toEqual(Object.entries(known).map(([name, { status, when, fix }]) => [name, status, when, fix]))
  })

  it('names no kind that nothing answers', () => {
    const code = readdirSync(import.meta.dirname)
      .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'errors.ts')
      .map(name => readFileSync(`${import.meta.dirname}/${name}`, 'utf8'))
      .concat(readFileSync(new URL('../../../../packages/tes/src/server/open-mode.ts', import.meta.url), 'utf8'))
      .join('\n')
    expect(Object.keys(ERRORS).filter(slug => !code.includes(`'${slug}'`))).toEqual([])
  })
})
