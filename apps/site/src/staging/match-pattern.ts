/**
 * POSIX shell patterns for paths (XCU 2.13): `*`, `?` and `[…]` within one segment; a leading dot must be matched by a dot.
 */

/** What one place of a pattern takes: any number of letters, or one of a kind. */
type Token = 'any' | RegExp

/** A test for one path segment. Its time grows with the length of the name times that of the pattern, and no faster. */
export function compileSegment(pattern: string): (name: string) => boolean {
  const tokens = readTokens(pattern)
  const takesDot = pattern.startsWith('.') || pattern.startsWith('\\.')
  return name => (takesDot || !name.startsWith('.')) && tokens !== undefined && matches(tokens, Array.from(name))
}

/** Goes back to the last star only: what an earlier one took need never change. */
function matches(tokens: readonly Token[], letters: readonly string[]): boolean {
  let token = 0
  let letter = 0
  let star = -1
  let taken = 0
  while (letter < letters.length) {
    const wanted = tokens[token]
    if (wanted === 'any') {
      star = token++
      taken = letter
    } else if (wanted?.test(letters[letter] ?? '')) {
      token++
      letter++
    } else if (star >= 0) {
      token = star + 1
      letter = ++taken
    } else return false
  }
  return tokens.slice(token).every(rest => rest === 'any')
}

const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\s',
  upper: 'A-Z',
  xdigit: '0-9A-Fa-f',
}

/** Undefined for a set that cannot be, as `[z-a]`: it matches nothing. */
function readTokens(pattern: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  const letters = Array.from(pattern)
  try {
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at] ?? ''
      const set = letter === '[' ? readSet(letters, at) : undefined
      if (letter === '*') tokens.push('any')
      else if (letter === '?') tokens.push(/^.$/su)
      else if (set) {
        tokens.push(new RegExp(`^${set.source}$`, 'su'))
        at = set.end
      } else if (letter === '\\' && at + 1 < letters.length) tokens.push(literal(letters[++at] ?? ''))
      else tokens.push(literal(letter))
    }
  } catch {
    return undefined
  }
  return tokens
}

/** The set that begins at `[`; undefined where no `]` closes it, and then the bracket stands for itself. */
function readSet(pattern: readonly string[], start: number): { source: string; end: number } | undefined {
  let at = start + 1
  const isNegated = pattern[at] === '!' || pattern[at] === '^'
  if (isNegated) at++
  let inner = ''
  for (const first = at; at < pattern.length; at++) {
    const letter = pattern[at] ?? ''
    if (letter === ']' && at > first) return { source: `[${isNegated ? '^' : ''}${inner}]`, end: at }
    const [whole, name] = /^\[:([a-z]+):\]/.exec(pattern.slice(at).join('')) ?? []
    if (whole && name && CLASSES[name]) {
      inner += CLASSES[name]
      at += whole.length - 1
    } else inner += letter === '-' && at > first && pattern[at + 1] !== ']' ? '-' : letter.replace(/[\\^[\]-]/, '\\$&')
  }
  return undefined
}

function literal(letter: string): RegExp {
  return new RegExp(`^${/[\\^$.*+?()[\]{}|/]/.test(letter) ? `\\${letter}` : letter}$`, 'su')
}
