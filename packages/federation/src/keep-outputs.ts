/**
 * How many files of one task are kept, and which where there are more: what was declared as one file comes before what directories and patterns hold,
 * so that a large directory pushes out no other output. Pure.
 */
import type { MeasuredOutput } from './task-outputs.ts'

/** Files of one task that are kept. */
export const MOST_OUTPUTS = 20_000
/** Characters of all their addresses and paths together. */
const MOST_CHARACTERS = 8 * 1024 * 1024
/** Declared outputs that are named where some of their files are left out. */
const MOST_NAMED = 5

/** What was found of one declared output. */
export interface FoundOutputs {
  /** For people: its path. */
  readonly name: string
  readonly outputs: readonly MeasuredOutput[]
  /** True for an output that is what was declared itself, and not one of many files there. */
  readonly isDeclared: (output: MeasuredOutput) => boolean
}

export interface KeptOutputs {
  /** Each object once, in the order of what was found, for the first that means it. */
  readonly outputs: readonly MeasuredOutput[]
  /** Names what is left out; undefined where nothing is. */
  readonly warning: string | undefined
}

export function keepOutputs(found: readonly FoundOutputs[]): KeptOutputs {
  const declared = new Set(found.flatMap(({ outputs, isDeclared }) => outputs.filter(isDeclared).map(({ url }) => url)))
  const known = new Set<string>()
  const once = found.map(({ name, outputs }) => ({ name, outputs: outputs.filter(({ url }) => !known.has(url) && known.add(url)) }))
  const all = once.flatMap(({ outputs }) => outputs)
  const kept = takeWhatFits([...all.filter(({ url }) => declared.has(url)), ...all.filter(({ url }) => !declared.has(url))])
  const left = once.flatMap(({ name, outputs }) => {
    const files = outputs.filter(output => !kept.has(output)).length
    return files === 0 ? [] : [{ name, files }]
  })
  return {
    outputs: all.filter(output => kept.has(output)),
    warning: left.length === 0 ? undefined : nameLeft(left, all.length - kept.size),
  }
}

/** The first of them; once one does not fit none that comes later is taken. */
function takeWhatFits(outputs: readonly MeasuredOutput[]): ReadonlySet<MeasuredOutput> {
  const kept = new Set<MeasuredOutput>()
  let characters = 0
  for (const output of outputs) {
    characters += output.url.length + output.path.length
    if (kept.size >= MOST_OUTPUTS || characters > MOST_CHARACTERS) break
    kept.add(output)
  }
  return kept
}

function nameLeft(left: readonly { readonly name: string; readonly files: number }[], files: number): string {
  const named = left.slice(0, MOST_NAMED).map(one => `${one.files} of ${one.name}`)
  const others = left.length - named.length
  const whose = [...named, ...(others > 0 ? [`the rest of ${others} more`] : [])].join(', ')
  const what = files === 1 ? 'One more output is' : `${files} more outputs are`
  return `${what} left out (${whose}): of one task ${MOST_OUTPUTS} are kept, first those that were declared one by one.`
}
