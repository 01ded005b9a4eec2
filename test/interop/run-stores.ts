/**
 * Runs the contract of object stores against the server of a row, in a process of its own.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify, stripVTControlCharacters } from 'node:util'
import * as z from 'zod/mini'
import type { Stage } from './row.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
/** How much of its own words is shown when it fails. */
const LAST_WORDS = 3_000

/** Where the suite learns of the server. */
export const STORE_VARIABLE = 'PORTOLAN_INTEROP_STORE'

export const StoreOfRow = z.object({
  name: z.string(),
  origin: z.string(),
  /** With host names for buckets, at a server that has them. */
  virtualOrigin: z.optional(z.string()),
  bucket: z.string(),
  key: z.object({ accessKey: z.string(), secretKey: z.string() }),
})
export type StoreOfRow = z.infer<typeof StoreOfRow>

/** Answers how many tests have passed. Rejects with what the suite says if one has failed, or none has run. */
export async function runStores({ folder, signal }: Stage, store: StoreOfRow): Promise<number> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  // The folder tells whose process it is.
  const env = { ...process.env, [STORE_VARIABLE]: JSON.stringify(store), TMPDIR: folder, NO_COLOR: '1' }
  const said = await run(process.execPath, [vitest, 'run', '--config', 'test/interop/vitest.config.ts'], { cwd: ROOT, env, signal }).catch(
    (cause: { stdout?: string; stderr?: string }) => {
      const words = stripVTControlCharacters(`${cause.stdout ?? ''}${cause.stderr ?? ''}`)
      throw new Error(`the contract of object stores does not hold: ${words.slice(-LAST_WORDS)}`, { cause })
    },
  )
  const [, passed = '0'] = /Tests\s+([0-9]+) passed/.exec(stripVTControlCharacters(said.stdout)) ?? []
  if (Number(passed) === 0) throw new Error('no test of the contract of object stores has run')
  return Number(passed)
}
