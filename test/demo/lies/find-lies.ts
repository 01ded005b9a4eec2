/**
 * Runs the whole demo once for each lie that is planted in its programs: it must fail, and say what is wrong.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { LIES, type Lie } from './lies.ts'

const DEMO = fileURLToPath(new URL('../../../demo/src/main.ts', import.meta.url))
const PLANT = new URL('plant.ts', import.meta.url).href
/** Most of a demo is waiting. */
const AT_A_TIME = 3
const SHOWN = 4_000

/** True if the demo found every lie. */
export async function findLies(say: (line: string) => void): Promise<boolean> {
  const waiting = [...LIES]
  const found: boolean[] = []
  const work = async (): Promise<void> => {
    for (let lie = waiting.shift(); lie; lie = waiting.shift()) found.push(await findLie(lie, say))
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  return found.every(Boolean)
}

async function findLie(lie: Lie, say: (line: string) => void): Promise<boolean> {
  const { code, said } = await runWith(lie)
  const lines = readFailures(said)
  const missing = lie.shows.filter(wanted => !lines.some(line => wanted.test(line)))
  if (code === 1 && missing.length === 0) {
    say(`found: the lie "${lie.name}", by ${lines.length} lines, as in: ${lines.find(line => lie.shows[0]?.test(line))}`)
    return true
  }
  say(`FAILED: the demo with the lie "${lie.name}" ended with exit code ${code} and did not say ${missing.join(' nor ')}`)
  say(said.slice(-SHOWN))
  return false
}

async function runWith({ name }: Lie): Promise<{ readonly code: number | null; readonly said: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-lie-'))
  try {
    const { DEMO_SHUFFLE: _, NODE_OPTIONS: options = '', ...rest } = process.env
    const env = { ...rest, DEMO_STORE: 'http', TMPDIR: folder, NODE_OPTIONS: `${options} --import=${PLANT}`.trim(), PLANTED_LIE: name }
    const child = spawn(process.execPath, [DEMO], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    // A demo that is told to end ends all that it started.
    const end = (): unknown => child.kill('SIGTERM')
    process.once('exit', end)
    child.once('close', () => process.off('exit', end))
    const [said] = await Promise.all([text(child.stdout), once(child, 'close')])
    return { code: child.exitCode, said }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What did not go as said, each put together again from the lines that it was broken into. */
function readFailures(said: string): readonly string[] {
  const label = '  NOT AS SAID: '
  const failures: string[] = []
  let isOpen = false
  for (const line of said.split('\n')) {
    const isNext: boolean = isOpen && line.startsWith(' '.repeat(label.length))
    if (line.startsWith(label)) failures.push(line.slice(label.length))
    else if (isNext) failures.push(`${failures.pop()} ${line.trim()}`)
    isOpen = line.startsWith(label) || isNext
  }
  return failures
}
