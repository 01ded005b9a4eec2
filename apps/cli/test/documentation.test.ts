import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { EXIT, EXIT_MEANINGS } from '../src/exit-codes.ts'
import { createProgram } from '../src/program.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const program = createProgram('0.0.0', { stdout: process.stdout, stderr: process.stderr }, async () => undefined)

/** Every command that does something, with the words that call it. */
function leaves(command: Command, words: string): readonly { readonly words: string; readonly command: Command }[] {
  return command.commands.length === 0 ? [{ words, command }] : command.commands.flatMap(below => leaves(below, `${words} ${below.name()}`))
}
const commands = leaves(program, 'portolan')

/** `portolan watch [id...]`. */
function usageOf(words: string, command: Command): string {
  const names = command.registeredArguments.map(argument => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`
    return argument.required ? `<${name}>` : `[${name}]`
  })
  return [words, ...names].join(' ')
}

/** The text of each section by its heading. */
const sections = new Map(
  readme.split(/^#{2,3} /m).map(text => {
    const end = text.indexOf('\n')
    return [text.slice(0, end).replaceAll('`', ''), text.slice(end)] as const
  }),
)
const rowsOf = (section: string, cell: RegExp): string[] =>
  [...(sections.get(section) ?? '').matchAll(new RegExp(`^\\| ${cell.source} +\\|`, 'gm'))].map(([, first = '']) => first)

describe('the README', () => {
  it('has a section for each command, in their order, and for no other', () => {
    const headings = [...readme.matchAll(/^### `(.+)`$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(commands.map(({ words, command }) => usageOf(words, command)))
  })

  it.each(commands)('names every option of $words, and no other', ({ words, command }) => {
    expect(rowsOf(usageOf(words, command), /`(-[^`]+)`/)).toEqual(command.options.map(option => option.flags))
  })

  it('names every option that all commands have', () => {
    expect(rowsOf('Options of every command', /`(-[^`]+)`/)).toEqual(program.options.map(option => option.flags))
  })

  it('names every exit code with its meaning, and no other', () => {
    const rows = [...(sections.get('Exit codes') ?? '').matchAll(/^\| (\d+) +\| (.+?) +\|$/gm)].map(([, code, meaning]) => [code, meaning])
    expect(rows).toEqual(Object.entries(EXIT_MEANINGS))
    expect(rows.map(([code]) => Number(code))).toEqual(Object.values(EXIT))
  })

  it('shows how to write each kind of JSON', () => {
    for (const { words, command } of commands.filter(({ words }) => words !== 'portolan config schema'))
      expect(sections.get(usageOf(words, command))).toMatch(/^(JSON lines|One JSON document): /m)
  })
})
