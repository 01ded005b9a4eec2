/**
 * POSIX shell patterns for paths (XCU 2.13): `*`, `?` and `[…]` within one segment; a leading dot must be matched by a dot.
 */

/** A test for one path segment. */
export function compileSegment(pattern: string): (name: string) => boolean {
  const expression = compile(`^${translate(pattern)}$`)
  const takesDot = pattern.startsWith('.') || pattern.startsWith('\\.')
  return name => (takesDot || !name.startsWith('.')) && expression?.test(name) === true
}

/** Undefined for a set that cannot be, as `[z-a]`: it matches nothing. */
function compile(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'su')
  } catch {
    return undefined
  }
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

function translate(pattern: string): string {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern.charAt(at)
    if (letter === '*') source += '.*'
    else if (letter === '?') source += '.'
    else if (letter === '\\' && at + 1 < pattern.length) source += literal(pattern.charAt(++at))
    else if (letter === '[') {
      const set = readSet(pattern, at)
      source += set ? set.source : '\\['
      if (set) at = set.end
    } else source += literal(letter)
  }
  return source
}

/** The set that begins at `[`; undefined where no `]` closes it, and then the bracket stands for itself. */
function readSet(pattern: string, start: number): { source: string; end: number } | undefined {
  let at = start + 1
  const isNegated = pattern[at] === '!' || pattern[at] === '^'
  if (isNegated) at++
  let inner = ''
  for (const first = at; at < pattern.length; at++) {
    const letter = pattern.charAt(at)
    if (letter === ']' && at > first) return { source: `[${isNegated ? '^' : ''}${inner}]`, end: at }
    const [whole, name] = /^\[:([a-z]+):\]/.exec(pattern.slice(at)) ?? []
    if (whole && name && CLASSES[name]) {
      inner += CLASSES[name]
      at += whole.length - 1
    } else inner += letter === '-' && at > first && pattern[at + 1] !== ']' ? '-' : letter.replace(/[\\^[\]-]/, '\\$&')
  }
  return undefined
}

function literal(letter: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(letter) ? `\\${letter}` : letter
}
