import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../src/program.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PAGES = globSync(['README.md', '{apps,packages}/*/README.md', 'apps/*/docs/**/*.md', 'demo/**/*.md'], {
  cwd: ROOT,
  exclude: name => name === 'node_modules',
})

/** What people are told to type, without the name of the program: in code of a page, or in words that the demo says. */
function callsIn(text: string): string[] {
  const blocks = [...text.matchAll(/```(?:sh|console)?\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split('\n'))
  const inline = [...text.replaceAll(/```[\s\S]*?```|^#.*$/gm, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
  return [...blocks.map(line => line.replace(/ #.*/, '')), ...inline].filter(code => !/ listening on /.test(code)).flatMap(findCalls)
}

function findCalls(code: string): string[] {
  return [...code.matchAll(/(?:^|[ (])portolan ((?:[^|&>()`]|\|(?=\w))+)/g)].map(([, call = '']) => call.trim())
}

/** What is wrong with a call, in the program's own words; undefined: it is understood. Nothing is done. */
async function misunderstand(call: string): Promise<string | undefined> {
  const program = createProgram('0.0.0', { stdout: process.stdout, stderr: process.stderr }, async () => undefined)
  try {
    await program.parseAsync(call.split(/ +/), { from: 'user' })
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? undefined : error.message
  }
}

/** In running text the words of a command alone are its name (`portolan explain`). */
const NAME_ALONE = /^[a-z]+( [a-z]+)?$/
const WANTS_MORE = /missing required argument|^\(outputHelp\)$/

describe('What people are told to type', () => {
  const calls = PAGES.flatMap(page => callsIn(readFileSync(join(ROOT, page), 'utf8')).map(call => ({ page, call })))

  it.each(calls)('$page: portolan $call', async ({ call }) => {
    const wrong = await misunderstand(call)
    expect(NAME_ALONE.test(call) && WANTS_MORE.test(wrong ?? '') ? undefined : wrong).toBeUndefined()
  })

  it('is found on the pages', () => {
    expect(calls.length).toBeGreaterThan(30)
    expect(callsIn('Say `portolan token create --name X` and\n```sh\nls | portolan list --json # all\n```')).toEqual([
      'list --json',
      'token create --name X',
    ])
    expect(PAGES).toContain('README.md')
  })

  it('is found out where it does not work', async () => {
    expect(await misunderstand('token create --name X')).toBe("error: unknown option '--name'")
  })

  it('works as the demo says it, too', async () => {
    const demo = readFileSync(join(ROOT, 'demo/src/run.ts'), 'utf8')
    const said = [...demo.matchAll(/pnpm@12 portolan (.+?)(?: {2,}|`\))/g)].map(([, call = '']) =>
      call.replaceAll(/\$\{\w+\}/g, 'http://broker.example'),
    )
    expect(said.length).toBeGreaterThan(3)
    for (const call of said) expect(await misunderstand(call), call).toBeUndefined()
  })
})
