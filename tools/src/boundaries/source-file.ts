/**
 * One source file as the rules see it: what it imports, and the names it uses.
 */
import { posix } from 'node:path'
import { type Token, tokenize } from './tokens.ts'

export interface Import {
  /** As written. */
  specifier: string
  /** Path from the root for a relative import, else the specifier. */
  target: string
  /** True if nothing of it is left at run time: `import type`, `export type … from`. */
  typeOnly: boolean
  /** What is named in braces, without types. `*`: all of it, whatever it is called here. */
  names: string[]
  line: number
}

export interface SourceFile {
  /** From the root, with slashes: `packages/tes/src/task.ts`. */
  path: string
  imports: Import[]
  /** Ways to load a module that do not say which. */
  hiddenImports: Place[]
  /** Comments by which the compiler is given more names. */
  references: Place[]
  tokens: Token[]
}

export interface Place {
  line: number
  what: string
}

const LOADERS = ['createRequire', 'getBuiltinModule']
const REFERENCE = /\/\/\/\s*<reference\b/

export function readSource(path: string, source: string): SourceFile {
  const tokens = tokenize(source)
  const imports = tokens.flatMap((token, index) => {
    const found = token.kind === 'word' && tokens[index - 1]?.text !== '.' ? importAt(tokens, index) : undefined
    return found ? [{ ...found, line: token.line, target: resolve(path, found.specifier) }] : []
  })
  return { path, imports, hiddenImports: tokens.flatMap(hiddenImportAt), references: findReferences(source), tokens }
}

function hiddenImportAt({ kind, text, line }: Token, index: number, tokens: readonly Token[]): Place[] {
  if (kind !== 'word') return []
  if (LOADERS.includes(text)) return [{ line, what: text }]
  const [before, open, name, after] = [tokens[index - 1], tokens[index + 1], tokens[index + 2], tokens[index + 3]]
  const isCall = text === 'import' && before?.text !== '.' && open?.kind === 'sign' && open.text === '('
  const isPlain = name?.kind === 'string' && [')', ','].includes(after?.text ?? '')
  return isCall && !isPlain ? [{ line, what: 'import()' }] : []
}

function findReferences(source: string): Place[] {
  return source.split('\n').flatMap((text, index) => (REFERENCE.test(text) ? [{ line: index + 1, what: '/// <reference' }] : []))
}

function resolve(path: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier
}

type Found = Pick<Import, 'specifier' | 'typeOnly' | 'names'>

const ALL = ['*']

function importAt(tokens: readonly Token[], index: number): Found | undefined {
  const [word, next, after] = [tokens[index], tokens[index + 1], tokens[index + 2]]
  if (word?.text === 'import') {
    if (next?.kind === 'string') return { specifier: next.text, typeOnly: false, names: [] }
    if (next?.text === '(') return after?.kind === 'string' ? { specifier: after.text, typeOnly: false, names: ALL } : undefined
    if (next?.text === '.') return undefined
    return fromClause(tokens, index + 1)
  }
  if (word?.text === 'export' && (next?.text === '*' || next?.text === '{')) return fromClause(tokens, index + 1)
  if (word?.text === 'export' && next?.text === 'type' && (after?.text === '*' || after?.text === '{')) return fromClause(tokens, index + 1)
  return undefined
}

/** The clause up to `from 'x'`. A clause without one exports names of its own. */
function fromClause(tokens: readonly Token[], start: number): Found | undefined {
  const typeOnly = tokens[start]?.text === 'type' && !['from', ',', '='].includes(tokens[start + 1]?.text ?? '')
  let inBraces = false
  const names: string[] = []
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index]
    if (token?.text === '{') inBraces = true
    else if (token?.text === '}') inBraces = false
    if (inBraces || (index > start && token?.text === '}')) {
      if (!inBraces && tokens[index + 1]?.text !== 'from') return undefined
      if (token?.kind === 'word' && ['{', ','].includes(tokens[index - 1]?.text ?? '')) names.push(token.text === 'type' ? '' : token.text)
      continue
    }
    const specifier = tokens[index + 1]
    if (token?.kind === 'word' && token.text === 'from' && specifier?.kind === 'string') {
      return { specifier: specifier.text, typeOnly, names: typeOnly ? [] : names.filter(name => name !== '') }
    }
    // A name outside of braces stands for all of it.
    if (token?.kind === 'word' || token?.text === '*') names.push('*')
    if (token?.text === ';' || token?.text === '=') return undefined
  }
  return undefined
}
