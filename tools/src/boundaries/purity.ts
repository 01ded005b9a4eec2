/**
 * What pure code may not touch, found in its tokens. The compiler refuses every name that is not of the language itself, for it is given no others;
 * so what would blind the compiler is no less a breach than a clock.
 */
import type { Breach } from './rules.ts'
import type { SourceFile } from './source-file.ts'
import type { Token } from './tokens.ts'

const IMPURE_NAMES = [
  ...['Date', 'performance', 'Intl', 'process', 'fetch', 'console', 'crypto', 'globalThis', 'WeakRef', 'FinalizationRegistry', 'URL'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'clearTimeout', 'clearInterval'],
  ...['Atomics', 'Reflect', 'Function', 'eval'],
]
const IMPURE_MEMBERS = /^(localeCompare|toLocale\w+|constructor)$/
/** How a brand is declared: nothing of it is there at run time. */
const BRAND = [':', 'unique', 'symbol']

export function impureNames({ tokens, references }: SourceFile): Breach[] {
  return [...references, ...tokens.flatMap(impureName)]
}

function impureName({ kind, text, line }: Token, index: number, tokens: readonly Token[]): Breach[] {
  const at = (offset: number): string | undefined => tokens[index + offset]?.text
  // An escape in a name would hide it from these rules.
  if (kind === 'sign' && text === '\\') return [{ line, what: '\\' }]
  if (kind !== 'word') return []
  const isMember = at(-1) === '.' && at(-2) !== '.'
  const isKey = at(1) === ':' && ['{', ',', ';', 'readonly'].includes(at(-1) ?? '')
  if (isMember) return IMPURE_MEMBERS.test(text) ? [{ line, what: text }] : []
  if (!isKey && IMPURE_NAMES.includes(text)) return [{ line, what: text }]
  // Any other use of it may be a way to its chance.
  if (text === 'Math' && (at(1) !== '.' || at(2) === 'random')) return [{ line, what: at(1) === '.' ? 'Math.random' : 'Math' }]
  if (text === 'import' && at(1) === '.') return [{ line, what: 'import.meta' }]
  const isBrand = at(1) === 'const' && BRAND.every((part, place) => at(3 + place) === part)
  return text === 'declare' && tokens[index + 1]?.kind === 'word' && !isBrand ? [{ line, what: 'declare' }] : []
}

/** A sort that is not called with a comparator there and then. */
export function bareSorts({ tokens }: SourceFile): Breach[] {
  return tokens.flatMap(({ kind, text, line }, index) => {
    const isSort = kind === 'word' && (text === 'sort' || text === 'toSorted') && tokens[index - 1]?.text === '.'
    const isGiven = tokens[index + 1]?.text === '(' && ![')', 'undefined', 'void'].includes(tokens[index + 2]?.text ?? ')')
    return isSort && !isGiven ? [{ line, what: text }] : []
  })
}
