/**
 * The linter as this workspace sets it up lets no floating promise pass.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-lint-'))
  await copyFile(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, lib: ['es2024'], types: [] } }))
})

afterAll(() => rm(folder, { recursive: true }))

async function lint(fixture: string): Promise<{ passed: boolean; output: string }> {
  await copyFile(join(import.meta.dirname, 'fixtures/promises', fixture), join(folder, fixture))
  return new Promise(resolve => {
    execFile(
      join(root, 'node_modules/.bin/oxlint'),
      ['--type-aware', '--deny-warnings', fixture],
      { cwd: folder },
      (error, stdout, stderr) => resolve({ passed: error === null, output: stdout + stderr }),
    )
  })
}

it('refuses a promise that nobody waits for', async () => {
  const { passed, output } = await lint('floating.ts')
  expect(passed).toBe(false)
  expect(output).toContain('no-floating-promises')
})

it('takes a promise that is waited for', async () => {
  expect(await lint('awaited.ts')).toMatchObject({ passed: true })
})
