/**
 * `pnpm check`: format, lint, types, unused code, boundaries, words, links. Runs every step, then says which failed and how long each took.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const program = (name: string) => join(root, 'node_modules/.bin', name)

const STEPS: readonly { name: string; command: string; args: readonly string[] }[] = [
  { name: 'format and lint', command: program('biome'), args: ['check', '--error-on-warnings'] },
  { name: 'lint with types', command: program('oxlint'), args: ['--type-aware', '--deny-warnings'] },
  { name: 'types', command: program('tsc'), args: ['-p', '.'] },
  { name: 'types of federation', command: program('tsc'), args: ['-p', 'packages/federation'] },
  { name: 'unused code', command: program('knip'), args: ['--no-config-hints'] },
  { name: 'boundaries', command: process.execPath, args: ['tools/src/boundaries.ts'] },
  { name: 'words', command: process.execPath, args: ['tools/src/words.ts'] },
  { name: 'links', command: process.execPath, args: ['tools/src/links.ts'] },
]

interface Result {
  name: string
  passed: boolean
  seconds: number
}

async function run({ name, command, args }: (typeof STEPS)[number]): Promise<Result> {
  const startedAt = performance.now()
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const passed = await new Promise<boolean>(resolve => {
    child.once('error', error => {
      output.push(Buffer.from(`${error.message}\n`))
      resolve(false)
    })
    child.once('close', code => resolve(code === 0))
  })
  if (!passed) process.stdout.write(`\n== ${name}\n${Buffer.concat(output).toString()}`)
  return { name, passed, seconds: (performance.now() - startedAt) / 1000 }
}

const results: Result[] = []
for (const step of STEPS) results.push(await run(step))

console.log()
for (const { name, passed, seconds } of results)
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${seconds.toFixed(1).padStart(5)} s  ${name}`)
const failed = results.filter(result => !result.passed).length
console.log(`\n${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
