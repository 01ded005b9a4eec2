import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readLogText } from './log-text.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-log-'))
})
afterAll(() => rm(folder, { recursive: true }))

it('a short log is kept whole, a missing one is empty', async () => {
  const path = join(folder, 'short')
  await writeFile(path, 'grüße\n')
  expect(await readLogText(path)).toBe('grüße\n')
  expect(await readLogText(join(folder, 'missing'))).toBe('')
})

it('of a long log head and tail are kept, and no character is cut', async () => {
  const path = join(folder, 'long')
  await writeFile(path, `x${'ü'.repeat(200_000)}x`)
  const text = await readLogText(path)
  expect(text).not.toContain('\ufffd')
  expect(text.startsWith('xüü')).toBe(true)
  expect(text.endsWith('üx')).toBe(true)
  const left = 400_002 - 2 * 65_535
  expect(text).toContain(`\n[… ${left} bytes left out …]\n`)
})

it('of a log that is still written the character that is not whole yet is not shown', async () => {
  const path = join(folder, 'growing')
  const bytes = Buffer.from('eins\nzwölf')
  await writeFile(path, bytes.subarray(0, 8))
  expect(await readLogText(path, { grows: true })).toBe('eins\nzw')
  expect(await readLogText(path)).toBe('eins\nzw\ufffd')
  await writeFile(path, bytes)
  expect(await readLogText(path, { grows: true })).toBe('eins\nzwölf')
  await writeFile(path, '')
  expect(await readLogText(path, { grows: true })).toBe('')
})
