/**
 * Turns every guard off, one at a time, in a copy of the repository, and runs the tests that are to notice: one whose title begins with the number
 * of the threat must fail by an assertion. First all these tests run with every guard on, and must pass; and three guards are planted that nobody
 * can notice, each of which must be told from a good one.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Guard } from './guard.ts'
import { GUARDS } from './guards.ts'
import { judgeRun, type RunVerdict } from './judge-run.ts'
import { PLANTED } from './planted.ts'
import { turnOff } from './turn-off.ts'
import { copyWorkspace, type WorkspaceCopy } from './workspace-copy.ts'

const ORIGINAL = fileURLToPath(new URL('../..', import.meta.url))
/** Each with a copy of its own. Some tests wait more than they work. */
const AT_A_TIME = 3
const RUN_MS = 60_000
const ALL_MS = 300_000
const SHOWN = 3_000

export type Verdict = RunVerdict | { readonly outcome: 'lost'; readonly says: string }

/** True if all is noticed, and every planted guard is found out. `ids`: of these guards alone; none: of all. */
export async function tryGuards(ids: readonly string[], say: (line: string) => void): Promise<boolean> {
  const guards = ids.length === 0 ? GUARDS : GUARDS.filter(({ id }) => ids.includes(id))
  await using stack = new AsyncDisposableStack()
  const copies = await Promise.all(Array.from({ length: AT_A_TIME }, () => copyWorkspace(ORIGINAL)))
  for (const copy of copies) stack.use(copy)
  const [first] = copies
  if (!first || !(await passesWithAll(first, guards, say))) return false
  const waiting = [...PLANTED.map(({ guard }) => guard), ...guards]
  const verdicts = new Map<string, Verdict>()
  const work = async (copy: WorkspaceCopy): Promise<void> => {
    for (let guard = waiting.shift(); guard; guard = waiting.shift()) verdicts.set(guard.id, await tryGuard(copy, guard))
  }
  await Promise.all(copies.map(work))
  const foundOut = PLANTED.map(({ guard, shows }) => {
    const holds = verdicts.get(guard.id)?.outcome === shows
    say(holds ? `found out: the planted guard ${guard.id} is ${shows}` : `FAILED: the planted guard ${guard.id} is not told as ${shows}`)
    return holds
  })
  const noticed = guards.map(({ id, threats }) => {
    const verdict = verdicts.get(id)
    if (verdict?.outcome === 'noticed') say(`noticed: ${threats.join(' ')} ${id}, by: ${verdict.by}`)
    else say(`FAILED: ${threats.join(' ')} ${id} is ${verdict?.outcome}: ${verdict?.says}`)
    return verdict?.outcome === 'noticed'
  })
  return [...foundOut, ...noticed].every(Boolean)
}

async function tryGuard(copy: WorkspaceCopy, { file, off, tests, threats }: Guard): Promise<Verdict> {
  const honest = await copy.read(file)
  const changed = turnOff(honest, off)
  if (changed.outcome === 'lost') return { outcome: 'lost', says: `${file}: ${changed.says}` }
  await copy.write(file, changed.source)
  try {
    return judgeRun((await runTests(copy, tests, threats, RUN_MS, ['--bail=1'])).report, threats)
  } finally {
    await copy.write(file, honest)
  }
}

async function passesWithAll(copy: WorkspaceCopy, guards: readonly Guard[], say: (line: string) => void): Promise<boolean> {
  const tests = [...new Set(guards.flatMap(guard => guard.tests))]
  const { code, said } = await runTests(copy, tests, [...new Set(guards.flatMap(({ threats }) => threats))], ALL_MS)
  if (code === 0) say(`with all ${guards.length} guards on their tests pass`)
  else say(`FAILED: a test of the guards fails while all of them are on\n${said.slice(-SHOWN)}`)
  return code === 0
}

interface Ran {
  readonly code: number | null
  readonly said: string
  readonly report: unknown
}

async function runTests(
  { root }: WorkspaceCopy,
  tests: readonly string[],
  threats: readonly string[],
  withinMs: number,
  flags: readonly string[] = [],
): Promise<Ran> {
  const report = join(root, 'report.json')
  await rm(report, { force: true })
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const names = `(^|\\s)(${threats.join('|')})\\s`
  const child = spawn(
    process.execPath,
    [vitest, 'run', ...tests, '-t', names, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...flags],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' }, timeout: withinMs, killSignal: 'SIGKILL' },
  )
  const end = (): unknown => child.kill('SIGTERM')
  process.once('exit', end)
  child.once('close', () => process.off('exit', end))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, said: out + err, report: await readJson(report) }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
