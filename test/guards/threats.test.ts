/**
 * The page of threats against the tests and the guards of this repository, and the parts of the harness that turns guards off.
 */
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listFiles } from '../../tools/src/tracked-files.ts'
import { GUARDS } from './guards.ts'
import { judgeRun } from './judge-run.ts'
import { compareWithGuards, compareWithTests, readThreats, type ThreatRow } from './threat-table.ts'
import { threatsOf, titlesIn } from './threat-titles.ts'
import { turnOff } from './turn-off.ts'

const root = join(import.meta.dirname, '../..')
const PAGE = 'apps/broker/docs/threats.md'
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const rows = readThreats(read(PAGE)).map(row => ({ ...row, tests: row.tests.map(path => posix.join(posix.dirname(PAGE), path)) }))

describe('the page of threats', () => {
  it('has all 21 rows, and tests for those that are due', () => {
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 21 }, (_, index) => `T${String(index + 1).padStart(2, '0')}`))
    const due = ['T01', 'T02', 'T03', 'T04', 'T09', 'T10', 'T13', 'T14', 'T15', 'T16', 'T19']
    expect(due.filter(id => rows.find(row => row.id === id)?.later !== false)).toEqual([])
    expect(rows.filter(({ later, tests, guards }) => !later && (tests.length === 0 || guards.length === 0))).toEqual([])
  })

  it('agrees with the titles of the tests', () => {
    const files = listFiles(root).filter(file => /\.(test|contract)\.ts$/.test(file) && !file.startsWith('test/guards/'))
    const titled = files.map(file => [file, new Set(titlesIn(read(file)).flatMap(threatsOf))] as const)
    expect(compareWithTests(rows, new Map(titled.filter(([, numbers]) => numbers.size > 0)))).toEqual([])
  })

  it('names every guard that can be turned off, in the rows that it stands in', () => {
    expect(compareWithGuards(rows, GUARDS)).toEqual([])
    expect(GUARDS.map(({ id }) => id).filter((id, at, all) => all.indexOf(id) !== at)).toEqual([])
  })

  it('is seen to differ where it does', () => {
    const row = (id: string, changes: Partial<ThreatRow> = {}): ThreatRow => ({ id, later: false, guards: [], tests: [], ...changes })
    const titled = new Map([['a.test.ts', new Set(['T01', 'T05', 'T09'])]])
    expect(compareWithTests([row('T01', { tests: ['b.test.ts'] }), row('T02'), row('T05', { later: true })], titled)).toEqual([
      'a.test.ts: T05 is no row that has tests',
      'a.test.ts: T09 is no row that has tests',
      'T02: no test has it in its title',
      'T01: b.test.ts has no test of that title',
    ])
    expect(compareWithGuards([row('T01', { guards: ['gone', 'here'] })], [{ id: 'here', threats: ['T01', 'T02'] }])).toEqual([
      'gone in T01: the page names it, and nothing turns it off',
      'here in T02: the page does not name it',
    ])
  })
})

describe('the titles of tests', () => {
  it('are read from every way to write one', () => {
    const titles = ['T01 plain', 'T02 T03 two', 'T04 it’s of %s', 'no number', 'T5 short']
    const [plain, two, each, none, short] = titles
    const source = `describe('${plain}', () => {\n it("${two}")\n it.each([\n ['x'],\n])(\n  \`${each}\`, f) })\n it('${none}')\n it('${short}')\n f(['T06 no title'])`
    expect(titlesIn(source)).toEqual([plain, two, each, short])
    expect(titlesIn(source).flatMap(threatsOf)).toEqual(['T01', 'T02', 'T03', 'T04', 'T5'])
  })
})

describe('a guard', () => {
  it.each(GUARDS.map(guard => [guard.id, guard] as const))(
    '%s still stands as its edit says, and its tests are there',
    (_, { file, off, tests }) => {
      expect(turnOff(read(file), off)).toMatchObject({ outcome: 'off' })
      for (const test of tests) expect(read(test)).toContain('describe')
    },
  )

  it.each([
    ['is turned off where its text stands once', 'a b c', [['b', 'x']], { outcome: 'off', source: 'a x c' }],
    ['keeps dollar signs as they are', 'a', [['a', '$&$1']], { outcome: 'off', source: '$&$1' }],
    ['is lost where its text has changed', 'a', [['b', 'x']], { outcome: 'lost' }],
    ['is lost where its text stands twice', 'b b', [['b', 'x']], { outcome: 'lost' }],
    ['is lost where nothing changes', 'b', [['b', 'b']], { outcome: 'lost' }],
  ] as const)('%s', (_, source, edits, expected) => {
    expect(turnOff(source, edits)).toMatchObject(expected)
  })

  const report = (title: string, failureMessages: readonly string[], status = 'failed') => ({
    testResults: [{ message: '', assertionResults: [{ ancestorTitles: ['the group'], title, status, failureMessages }] }],
  })
  it.each([
    ['by an assertion in a test of its threat', report('T01 x', ['AssertionError: no']), 'noticed'],
    ['by a property in a test of its threat', report('T02 T01 x', ['Error: Property failed after 3 tests']), 'noticed'],
    ['not by a test of another threat', report('T02 x', ['AssertionError: no']), 'unnoticed'],
    ['not by a test that says no number', report('x', ['AssertionError: no']), 'unnoticed'],
    ['not by tests that pass', report('T01 x', [], 'passed'), 'unnoticed'],
    ['not by an accident', report('T01 x', ['TypeError: no']), 'broken'],
    ['not by a file that does not load', { testResults: [{ message: 'SyntaxError', assertionResults: [] }] }, 'broken'],
    ['not where there is no report', undefined, 'broken'],
  ])('is noticed %s', (_, told, outcome) => {
    expect(judgeRun(told, ['T01'])).toMatchObject({ outcome })
  })
})
