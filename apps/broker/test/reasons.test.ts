import { readFileSync } from 'node:fs'
import { REASONS } from '@portolan/federation'
import { describe, expect, it } from 'vitest'

const page = readFileSync(new URL('../docs/reasons.md', import.meta.url), 'utf8')
const rows = page
  .split('\n')
  .filter(line => /^\| [A-Z_]+ +\|/.test(line))
  .map(line => line.split('|').map(cell => cell.trim()))

describe('the page of reasons', () => {
  it('has every code once, in the order of the checks, with whether time can mend it, and no other', () => {
    expect(rows.map(([, code, mends]) => [code, mends])).toEqual(Object.entries(REASONS))
  })

  it('says of each what it means and what to do', () => {
    for (const [, , , meaning, fix] of rows) {
      expect(meaning).toMatch(/^\S.{20,}\.$/)
      expect(fix).toMatch(/^\S.{6,}\.$/)
    }
  })
})
