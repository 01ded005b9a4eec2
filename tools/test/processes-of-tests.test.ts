/**
 * How the processes run that run the tests.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

/** Strips types until V8 has compiled the hot parts of Node's stripper a second time, which leaves dead code behind. */
const STRIP_OFTEN = `
import { stripTypeScriptTypes } from 'node:module'
process.removeAllListeners('warning')
for (let i = 0; i < 2_000; i++) stripTypeScriptTypes('export function f(a: number, b: string): string { return b.repeat(a) as string }')
`

async function collected(flags: readonly string[]): Promise<string[]> {
  const args = [...flags, '--trace-wasm-code-gc', '--stress-wasm-code-gc', '--input-type=module', '--eval', STRIP_OFTEN]
  const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 })
  return stdout.split('\n').filter(line => line.startsWith('[wasm-gc]'))
}

it('keeps compiled WebAssembly until its thread ends, though V8 would collect it', async () => {
  expect(await collected(process.execArgv)).toEqual([])
  expect(await collected([])).not.toEqual([])
})
