import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CHECKS, REASONS } from '../src/index.ts'
import { buildInput, buildLocation, buildProject, buildSite, buildSnapshot } from './build.ts'
import { explainPlacement } from './readme-example.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const readme = read('../README.md')

function checksTable(): string {
  const rows = CHECKS.map(({ code, requires, closed }) => `| ${code} | ${REASONS[code]} | ${closed ? 'closed' : 'yes'} | ${requires} |`)
  return ['| code | mended by time | decides | what must hold |', '|---|---|---|---|', ...rows].join('\n')
}

describe('the README', () => {
  it('shows the checks as they are', () => {
    expect(readme.match(/\| code \|[\s\S]*?(?=\n\n)/)?.[0]).toBe(checksTable())
  })

  it('shows an example that compiles and runs', () => {
    expect(readme.match(/```ts\n([\s\S]*?)```/)?.[1]).toBe(read('./readme-example.ts'))
    const task = { executors: [{ image: 'ubuntu', command: ['true'] }], inputs: [{ url: 's3://store/x', path: '/in/x' }] }
    const snapshot = buildSnapshot([buildSite('here')], { locations: [buildLocation('store')], projects: [buildProject('spe4hd')] })
    expect(explainPlacement(task, [buildInput('x', ['store'])], snapshot)).toMatch(/^w1 goes to here\n/)
  })
})
