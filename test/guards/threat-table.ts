/**
 * The table of `apps/broker/docs/threats.md`, as data. Its rows say which guards stand against a threat and which tests show it, or that the
 * broker has nothing yet that the threat is for.
 */
export interface ThreatRow {
  /** As in `T07`. */
  readonly id: string
  /** What the row says instead of guards: nothing that it is for is there yet. */
  readonly later: boolean
  /** Ids of guards that can be turned off. */
  readonly guards: readonly string[]
  /** Paths of test files, as the page links them. */
  readonly tests: readonly string[]
}

const ROW = /^\| (T\d+) \|(.*)\|\s*$/

/** The rows, in their order. */
export function readThreats(page: string): readonly ThreatRow[] {
  return page.split('\n').flatMap(line => {
    const [, id, rest = ''] = ROW.exec(line) ?? []
    if (id === undefined) return []
    const [, , guards = '', tests = ''] = rest.split('|')
    return [
      {
        id,
        later: tests.trim().startsWith('later:'),
        guards: [...guards.matchAll(/`([a-z0-9-]+)`/g)].map(([, guard = '']) => guard),
        tests: [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path),
      },
    ]
  })
}

/** What differs between the rows and the tests of the repository, one sentence each. `titled`: the numbers in the titles of each test file. */
export function compareWithTests(rows: readonly ThreatRow[], titled: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const known = new Map(rows.map(row => [row.id, row]))
  const shown = new Set([...titled.values()].flatMap(numbers => [...numbers]))
  const stray = [...titled].flatMap(([file, numbers]) =>
    [...numbers].filter(id => known.get(id)?.later !== false).map(id => `${file}: ${id} is no row that has tests`),
  )
  const bare = rows.filter(({ id, later }) => !later && !shown.has(id)).map(({ id }) => `${id}: no test has it in its title`)
  const wrong = rows.flatMap(({ id, tests }) =>
    tests.filter(file => !titled.get(file)?.has(id)).map(file => `${id}: ${file} has no test of that title`),
  )
  return [...stray, ...bare, ...wrong]
}

/** What differs between the rows and the guards that can be turned off, one sentence each. */
export function compareWithGuards(
  rows: readonly ThreatRow[],
  guards: readonly { readonly id: string; readonly threats: readonly string[] }[],
): readonly string[] {
  const named = rows.flatMap(({ id, guards: ids }) => ids.map(guard => `${guard} in ${id}`))
  const there = guards.flatMap(({ id, threats }) => threats.map(threat => `${id} in ${threat}`))
  return [
    ...named.filter(one => !there.includes(one)).map(one => `${one}: the page names it, and nothing turns it off`),
    ...there.filter(one => !named.includes(one)).map(one => `${one}: the page does not name it`),
  ]
}
