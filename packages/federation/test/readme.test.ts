import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CHECKS, REASONS } from '../src/index.ts'
import { buildInput, buildLocation, buildProject, buildSite, buildSnapshot } from './build.ts'
import { explainPlacement } from './readme-example.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const readme = read('../README.md')

/** Cells of the rows that begin with a code; how wide the columns are does not matter. */
const rows = readme
  .split('\n')
  .filter(line => /^\| [A-Z_]+ +\|/.test(line))
  .map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  )

describe('the README', () => {
  it('shows the checks as they are', () => {
    expect(rows).toEqual(CHECKS.map(({ code, requires, closed }) => [code, REASONS[code], closed ? 'closed' : 'yes', requires]))
  })

  it('shows an example that compiles and runs', () => {
    expect(readme.match(/```ts\n([\s\S]*?)```/)?.[1]).toBe(read('./readme-example.ts'))
    const task = { executors: [{ image: 'ubuntu', command: ['true'] }], inputs: [{ url: 's3://store/x', path: '/in/x' }] }
    const snapshot = buildSnapshot([buildSite('here')], { locations: [buildLocation('store')], projects: [buildProject('spe4hd')] })
    expect(explainPlacement(task, [buildInput('x', ['store'])], snapshot)).toMatch(/^w1 goes to here\n/)
  })
})
