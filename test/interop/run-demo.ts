/**
 * The whole demo under a runtime, as a person would start it. It checks everything that it claims by itself, and says so by its exit code.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { RuntimeHome } from './runtime-home.ts'

const DEMO = fileURLToPath(new URL('../../demo/src/main.ts', import.meta.url))
/** How much of what it said is shown when it failed. */
const SHOWN = 12_000

/** Rejects with the end of what the demo said if not all went as said. */
export async function runDemo(home: RuntimeHome, folder: string, signal: AbortSignal): Promise<void> {
  const temporary = join(folder, 'demo')
  await mkdir(temporary)
  const child = spawn(process.execPath, [DEMO, '--runner', home.runtime, ...home.siteFlags.map(flag => `--site-flag=${flag}`)], {
    env: { ...process.env, ...home.env, DEMO_STORE: 'http', TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code]: unknown[] = await once(child, 'close')
  if (code !== 0) throw new Error(`the demo ended with exit code ${String(code)}:\n${said.slice(-SHOWN)}`)
}
