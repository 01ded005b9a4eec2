/**
 * Patterns of paths in a container (POSIX XCU 2.13): `*`, `?` and `[…]` stand for characters of one segment, a backslash takes the meaning from
 * the next character, and a leading dot is only matched by a dot.
 */

/** What one place of a pattern takes: any number of characters, or one. */
type Token = 'any' | ((letter: string) => boolean)

interface Segment {
  readonly takesDot: boolean
  readonly tokens: readonly Token[]
}

export interface PathPattern {
  /** True for a path that the pattern means, and for all below it: a directory that matches is stored whole. */
  covers(path: string): boolean
  /** Absolute, without a slash at the end: the longest directory that holds no pattern. Empty for the root. */
  readonly fixed: string
}

/** True if the path holds a pattern. */
export function hasPattern(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    if (path[i] === '\\') i++
    else if ('*?['.includes(path.charAt(i))) return true
  }
  return false
}

export function compilePattern(pattern: string): PathPattern {
  const texts = segmentsOf(pattern)
  const segments = texts.map(readSegment)
  const first = texts.findIndex(hasPattern)
  return {
    covers(path) {
      const names = segmentsOf(path)
      return names.length >= segments.length && segments.every((segment, at) => matches(segment, names[at] ?? ''))
    },
    fixed: texts
      .slice(0, first < 0 ? -1 : first)
      .map(text => `/${withoutEscapes(text)}`)
      .join(''),
  }
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter(segment => segment !== '')
}

/** Goes back to the last star only, so its time grows with the length of the name times that of the pattern and no faster. */
function matches({ takesDot, tokens }: Segment, name: string): boolean {
  if (name.startsWith('.') && !takesDot) return false
  const letters = Array.from(name)
  let token = 0
  let letter = 0
  let star = -1
  let taken = 0
  while (letter < letters.length) {
    const wanted = tokens[token]
    if (wanted === 'any') {
      star = token++
      taken = letter
    } else if (wanted?.(letters[letter] ?? '')) {
      token++
      letter++
    } else if (star >= 0) {
      token = star + 1
      letter = ++taken
    } else return false
  }
  return tokens.slice(token).every(rest => rest === 'any')
}

function readSegment(text: string): Segment {
  const tokens: Token[] = []
  const letters = Array.from(text)
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] ?? ''
    const set = letter === '[' ? readSet(letters, at) : undefined
    if (set) {
      tokens.push(set.takes)
      at = set.end
    } else if (letter === '*') tokens.push('any')
    else if (letter === '?') tokens.push(() => true)
    else if (letter === '\\' && at + 1 < letters.length) tokens.push(isLetter(letters[++at] ?? ''))
    else tokens.push(isLetter(letter))
  }
  return { takesDot: text.startsWith('.') || text.startsWith('\\.'), tokens }
}

const CLASSES: Readonly<Record<string, (letter: string) => boolean>> = {
  alnum: letter => /^[A-Za-z0-9]$/.test(letter),
  alpha: letter => /^[A-Za-z]$/.test(letter),
  blank: letter => letter === ' ' || letter === '\t',
  digit: letter => /^[0-9]$/.test(letter),
  lower: letter => /^[a-z]$/.test(letter),
  punct: letter => /^[!-/:-@[-`{-~]$/.test(letter),
  space: letter => /^\s$/.test(letter),
  upper: letter => /^[A-Z]$/.test(letter),
  xdigit: letter => /^[0-9A-Fa-f]$/.test(letter),
}

/** The set that begins at `[`; undefined where no `]` closes it, and then the bracket stands for itself. */
function readSet(
  letters: readonly string[],
  start: number,
): { readonly takes: (letter: string) => boolean; readonly end: number } | undefined {
  let at = start + 1
  const negated = letters[at] === '!' || letters[at] === '^'
  if (negated) at++
  const members: ((letter: string) => boolean)[] = []
  for (const first = at; at < letters.length; at++) {
    const letter = letters[at] ?? ''
    if (letter === ']' && at > first) return { takes: asked => members.some(member => member(asked)) !== negated, end: at }
    const [whole, name = ''] = /^\[:([a-z]+):\]/.exec(letters.slice(at, at + 12).join('')) ?? []
    const known = CLASSES[name]
    if (whole !== undefined && known) {
      members.push(known)
      at += whole.length - 1
      continue
    }
    const until = letters[at + 2]
    if (letters[at + 1] === '-' && until !== undefined && until !== ']') {
      members.push(isBetween(letter, until))
      at += 2
    } else members.push(isLetter(letter))
  }
  return undefined
}

function isLetter(wanted: string): (letter: string) => boolean {
  return letter => letter === wanted
}

function isBetween(from: string, to: string): (letter: string) => boolean {
  return letter => codeOf(letter) >= codeOf(from) && codeOf(letter) <= codeOf(to)
}

function codeOf(letter: string): number {
  return letter.codePointAt(0) ?? 0
}

function withoutEscapes(text: string): string {
  return text.replaceAll(/\\(.)/gsu, '$1')
}
