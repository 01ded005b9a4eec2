import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROWS } from '../interop/rows.ts'

const root = join(import.meta.dirname, '../..')

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the program behind `pnpm NAME` as it stands. */
function call(name: string, args: readonly string[]): Promise<Ended> {
  return new Promise(resolve => {
    execFile(process.execPath, [join(root, 'test', name, 'main.ts'), ...args], { cwd: root }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    )
  })
}

describe.each(['bench', 'faults', 'interop', 'sim'])('pnpm %s', name => {
  it.each(['--help', '-h'])('%s says how it is called, and does nothing', async flag => {
    const { code, out, err } = await call(name, [flag])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(new RegExp(`^usage: pnpm ${name}\\b`))
    expect(out).toContain('--help')
  })

  it('an option that there is not ends it with one line that names it and those that there are', async () => {
    const { code, out, err } = await call(name, ['--bogus'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^--bogus: there is no such option; there are --.+\n$/)
  })
})

describe('pnpm leaks', () => {
  it('--help says how it is called, and does nothing', async () => {
    expect(await call('leaks', ['--help'])).toEqual({ code: 0, out: expect.stringMatching(/^usage: pnpm leaks NAME\b/), err: '' })
  })

  it('runs what was named as it was asked to, ends as that does, and says how much was searched', async () => {
    const { code, out } = await call('leaks', ['interop', '--list'])
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(ROWS[0]?.shows ?? '') })
    expect(out).toMatch(/\nsearched for secrets: 0\.0 MiB of database, .*\n$/)
    expect(await call('leaks', ['faults', '--bogus'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^--bogus: there is no such option/),
    })
  })
})

describe('a mistake in the arguments', () => {
  it.each<[string, readonly string[], string]>([
    ['bench', ['--only'], '--only: its value is missing; write --only ID\n'],
    ['bench', ['--only', '--strict'], '--only: its value is missing; write --only ID\n'],
    ['bench', ['--strict=yes'], '--strict=yes: it takes no value; write --strict alone\n'],
    ['bench', ['place-50'], 'place-50: only options are taken here; leave it out, or see --help\n'],
    ['faults', ['--kills', 'many'], '--kills many: that is no whole number from 1 to 999999999; write it in digits, as in --kills 30\n'],
    ['faults', ['--kills=0'], '--kills 0: that is no whole number from 1 to 999999999; write it in digits, as in --kills 30\n'],
    ['faults', ['kill'], 'kill: there is no row of this name; name one of kills, lies, guards, or none for all\n'],
    ['interop', ['site'], `site: there is no row of this name; name one of ${ROWS.map(({ name }) => name).join(', ')}, or none for all\n`],
    ['leaks', [], 'NAME is missing: name one of demo, faults, interop\n'],
    ['leaks', ['bench'], 'bench: there is nothing of this name to search; name one of demo, faults, interop\n'],
    ['sim', ['--seed', '-1'], '--seed: its value is missing; write --seed S\n'],
  ])('of pnpm %s %j is named with its fix', async (name, args, line) => {
    expect(await call(name, args)).toEqual({ code: 2, out: '', err: line })
  })

  it('of pnpm bench --only names the rows that there are', async () => {
    const { code, err } = await call('bench', ['--only', 'nothing'])
    expect(code).toBe(2)
    expect(err).toMatch(/^--only nothing: there is no such row; write one of get-minimal, .+, demo-seconds\n$/)
  })
})

describe('pnpm sim', () => {
  it('plays the seeds that were asked for, and ends as the simulation does', async () => {
    const { code, out } = await call('sim', ['--seeds', '3', '--seed', '17'])
    expect(out).toContain('seeds 17 to 19')
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/Tests .*13 passed/) })
  })
})
