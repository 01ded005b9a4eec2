/**
 * Splits TypeScript source into words, strings and signs: enough to find imports and names, with comments, texts and patterns out of the way.
 */
export interface Token {
  kind: 'word' | 'string' | 'sign'
  text: string
  /** From 1. */
  line: number
}

const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy
const NUMBER = /\d[\w.]*/y
const SPACE = /\s+/y
const LINE_COMMENT = /\/\/[^\n]*/y
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y
const QUOTED = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y
const PATTERN = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y

/** After these words a slash begins a pattern; after any other word it divides. */
const BEFORE_PATTERN = new Set(['return', 'typeof', 'case', 'in', 'of', 'await', 'yield', 'void', 'delete', 'new', 'else', 'do', 'throw'])

export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  /** For each open template, how many braces are open inside its current `${`. */
  const templates: number[] = []
  let at = 0
  let line = 1

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const text = pattern.exec(source)?.[0]
    if (text === undefined) return undefined
    at += text.length
    line += text.split('\n').length - 1
    return text
  }
  const push = (kind: Token['kind'], text: string, start = line) => tokens.push({ kind, text, line: start })
  const takeTemplateText = () => {
    const start = line
    const text = take(TEMPLATE_TEXT) ?? ''
    push('string', text, start)
    if (source[at] === '`') at += 1
    else if (at < source.length) {
      at += 2
      templates.push(0)
    }
  }

  while (at < source.length) {
    if (take(SPACE) ?? take(LINE_COMMENT) ?? take(BLOCK_COMMENT)) continue
    const start = line
    const quoted = take(QUOTED)
    if (quoted !== undefined) {
      push('string', quoted.slice(1, -1), start)
      continue
    }
    const word = take(WORD)
    if (word !== undefined) {
      push('word', word, start)
      continue
    }
    if (take(NUMBER) !== undefined) {
      push('sign', '0', start)
      continue
    }
    if (source[at] === '/' && beginsPattern(tokens) && take(PATTERN) !== undefined) {
      push('string', '', start)
      continue
    }
    const sign = source[at] ?? ''
    at += 1
    const open = templates.length - 1
    if (sign === '`') takeTemplateText()
    else if (sign === '}' && templates[open] === 0) {
      templates.pop()
      takeTemplateText()
    } else {
      if (open >= 0 && sign === '{') templates[open] = (templates[open] ?? 0) + 1
      if (open >= 0 && sign === '}') templates[open] = (templates[open] ?? 0) - 1
      push('sign', sign, start)
    }
  }
  return tokens
}

function beginsPattern(tokens: readonly Token[]): boolean {
  const before = tokens.at(-1)
  if (before === undefined) return true
  if (before.kind === 'word') return BEFORE_PATTERN.has(before.text)
  const isStep = '+-'.includes(before.text) && tokens.at(-2)?.text === before.text
  return before.kind === 'sign' && !isStep && !')]}0'.includes(before.text)
}
