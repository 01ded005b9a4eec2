/**
 * The rules for one value of a task: an image, a path, a URL, a map. Each yields what is wrong and the fix.
 */
import type { Problem } from '@portolan/ga4gh/documents'

export type Problems = Generator<Problem, void, undefined>

const CONTROL = /\p{Cc}/u
const BLANK_OR_QUOTE = /[\s'"`]/
const SCHEME = /^[a-zA-Z][a-zA-Z0-9+.-]+:./
const WILDCARD = /[*?[]/

/** Does the path hold a shell pattern (POSIX XCU 2.13)? A backslash takes the meaning from the next character. */
export function hasWildcard(path: string): boolean {
  return WILDCARD.test(path.replace(/\\./g, ''))
}

export function* checkImage(image: string, path: string): Problems {
  const fix = 'Write the name as a container runtime takes it, such as quay.io/biocontainers/samtools:1.21.'
  if (image.trim() === '') yield { path, message: 'The image is empty', fix }
  else if (CONTROL.test(image) || BLANK_OR_QUOTE.test(image)) {
    yield { path, message: 'The image holds a blank, a quote or a control character', fix }
  } else if (image.startsWith('-')) yield { path, message: 'The image begins with "-" and would be read as an option', fix }
}

/** An absolute path inside the task's containers. */
export function* checkPath(value: string, path: string): Problems {
  const fix = 'Write an absolute path, such as /data/reads.fq.'
  if (value === '') yield { path, message: 'The path is empty', fix }
  else if (!value.startsWith('/')) yield { path, message: 'The path is not absolute', fix }
  else if (CONTROL.test(value)) yield { path, message: 'The path holds a control character', fix }
  else if (/\/\.\.?(\/|$)/.test(value)) yield { path, message: 'The path holds a segment "." or ".."', fix: 'Write the path without it.' }
}

export function* checkDirectory(value: string, path: string): Problems {
  yield* checkPath(value, path)
  if (/^\/+$/.test(value))
    yield { path, message: 'The path is the root of the container', fix: 'Name a directory below it, such as /data.' }
}

/** `workdir` reaches the command line of many runtimes, so it holds nothing that could end an argument there. */
export function* checkWorkdir(value: string, path: string): Problems {
  if (BLANK_OR_QUOTE.test(value)) {
    yield { path, message: 'The working directory holds a blank or a quote', fix: 'Write an absolute path without them, such as /work.' }
  } else yield* checkPath(value, path)
}

/** A URL with a scheme, or a bare absolute path, which means a file that the server can see; where it may be, also a name without a place. */
export function* checkUrl(value: string, path: string, mayBeName = false): Problems {
  const fix = 'Write a URL with its scheme, such as s3://bucket/key, or an absolute path.'
  if (value.trim() === '') yield { path, message: 'The URL is empty', fix }
  else if (CONTROL.test(value)) yield { path, message: 'The URL holds a control character', fix }
  else if (value.startsWith('_:')) {
    yield {
      path,
      message: 'The URL is a placeholder of a workflow engine for a directory that lies nowhere ("_:")',
      fix: 'Store the files of the directory and give their URLs, or send them inline as content.',
    }
  } else if (!mayBeName && !value.startsWith('/') && !SCHEME.test(value)) yield { path, message: 'The URL has no scheme', fix }
}

export function* checkEnv(env: Readonly<Record<string, string>>, path: string): Problems {
  for (const [name, value] of Object.entries(env)) {
    if (name === '' || name.includes('=') || CONTROL.test(name)) {
      yield {
        path: `${path}[${JSON.stringify(name)}]`,
        message: 'The name of a variable is empty, or holds "=" or a control character',
        fix: 'Use letters, digits and "_".',
      }
    } else if (value.includes('\0')) {
      yield { path: `${path}.${name}`, message: 'The value holds a NUL character', fix: 'Remove it.' }
    }
  }
}

/** `most`: the most that any site could have; more is a slip, such as bytes instead of GB. */
export function* checkAmount(value: number | undefined, most: number, path: string): Problems {
  if (value === undefined) return
  if (value < 0 || !Number.isFinite(value)) {
    yield { path, message: `${value} is not an amount`, fix: 'Write a number that is not negative, or leave the field out.' }
  } else if (value > most) {
    yield { path, message: `${value} is more than any site has`, fix: `Write ${most} at most, or leave the field out.` }
  }
}

/** Length in UTF-8. */
export function countBytes(text: string): number {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) index++
  }
  return bytes
}
