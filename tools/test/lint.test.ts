/**
 * The linter as this workspace sets it up lets no floating promise pass, and in the broker no global fetch.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-lint-'))
  await copyFile(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, lib: ['es2024'], types: [] } }))
})

afterAll(() => rm(folder, { recursive: true }))

async function lint(fixture: string, path = fixture): Promise<{ passed: boolean; output: string }> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await copyFile(join(import.meta.dirname, 'fixtures/promises', fixture), join(folder, path))
  return new Promise(resolve => {
    execFile(join(root, 'node_modules/.bin/oxlint'), ['--type-aware', '--deny-warnings', path], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ passed: error === null, output: stdout + stderr }),
    )
  })
}

it.each([
  ['a promise', 'floating.ts'],
  ['what can be waited for like one', 'thenable.ts'],
])('refuses %s that nobody waits for', async (_what, fixture) => {
  const { passed, output } = await lint(fixture)
  expect(passed).toBe(false)
  expect(output).toContain('no-floating-promises')
})

it('takes a promise that is waited for', async () => {
  expect(await lint('awaited.ts')).toMatchObject({ passed: true })
})

it.each([
  ['refuses', 'apps/broker/src/sites/asks.ts', false],
  ['takes', 'apps/site/src/asks.ts', true],
])('T15 %s the global fetch in %s', async (_verb, path, passed) => {
  const linted = await lint('asks.ts', path)
  expect(linted.passed).toBe(passed)
  expect(linted.output.includes('no-restricted-globals')).toBe(!passed)
})
