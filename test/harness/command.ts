/**
 * How a command of this repository is called: `--help` answers its usage, a mistake in its arguments is one line that names the argument and the
 * fix, with exit code 2. What nobody foresaw is shown with its stack, with exit code 1.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'

const EXIT_FAILED = 1
const EXIT_MISUSED = 2

/** A mistake of the caller. The message is one line: which argument, what is wrong, what to write instead. */
export class Misused extends Error {
  override readonly name = 'Misused'
}

export interface Option {
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  /** What stands for its value in messages, such as `N`; for options of type string. */
  readonly value?: string
}

/** What stands without an option before it, and which of it there is. */
export interface Names {
  readonly what: string
  readonly known: readonly string[]
}

const HELP = { type: 'boolean', short: 'h' } as const

/** Runs the command with the arguments of the process, unless they ask for help. `run` answers the exit code. */
export async function runCommand(usage: string, run: (args: readonly string[]) => Promise<number>): Promise<void> {
  const args = process.argv.slice(2)
  try {
    if (asksForHelp(args)) process.stdout.write(`${usage}\n`)
    else process.exitCode = await run(args)
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`)
    process.exitCode = error instanceof Misused ? EXIT_MISUSED : EXIT_FAILED
  }
}

/** The arguments by option, and the names. Throws `Misused`. */
export function readArguments<const T extends Readonly<Record<string, Option>>>(args: readonly string[], options: T, names?: Names) {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  for (const token of tokens) {
    if (token.kind === 'option') checkOption(token, options)
    if (token.kind === 'positional') checkName(token.value, names)
  }
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

/** The whole number that an option was given, from `least`; `otherwise` where it was not given. Throws `Misused`. */
export function readWholeNumber(option: string, text: string | undefined, least: number, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    throw new Misused(`--${option} ${text}: that is no whole number from ${least} to 999999999; write it in digits, as in --${option} 30`)
  return Number(text)
}

function asksForHelp(args: readonly string[]): boolean {
  return parseArgs({ args: [...args], options: { help: HELP }, strict: false }).values.help === true
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function checkOption({ name, rawName, value, inlineValue }: OptionToken, options: Readonly<Record<string, Option>>): void {
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (option === undefined) throw new Misused(`${rawName}: there is no such option; there are ${listOptions(options)}, and --help`)
  if (option.type === 'boolean' && value !== undefined) throw new Misused(`${rawName}=${value}: it takes no value; write ${rawName} alone`)
  const missing = value === undefined || (inlineValue !== true && value.startsWith('-'))
  if (option.type === 'string' && missing) throw new Misused(`${rawName}: its value is missing; write ${rawName} ${option.value ?? 'TEXT'}`)
}

function checkName(name: string, names: Names | undefined): void {
  if (names === undefined) throw new Misused(`${name}: only options are taken here; leave it out, or see --help`)
  if (!names.known.includes(name))
    throw new Misused(`${name}: there is no ${names.what} of this name; name one of ${names.known.join(', ')}, or none for all`)
}

function listOptions(options: Readonly<Record<string, Option>>): string {
  return Object.entries(options)
    .map(([name, { type, value = 'TEXT' }]) => (type === 'string' ? `--${name} ${value}` : `--${name}`))
    .join(', ')
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error instanceof Misused ? error.message : (error.stack ?? error.message)
}
