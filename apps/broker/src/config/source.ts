/**
 * A document of the configuration together with where it came from, so that every mistake can name its file and line.
 */
import { isAlias, isCollection, isNode, LineCounter, parseDocument } from 'yaml'
import { type ConfigProblem, type ConfigWarning, formatPath, type Path } from './problem.ts'

export class Source {
  readonly file: string
  readonly raw: unknown
  readonly #prefix: Path
  readonly #lineOf: (path: Path) => number | undefined

  constructor(file: string, raw: unknown, lineOf: (path: Path) => number | undefined, prefix: Path = []) {
    this.file = file
    this.raw = raw
    this.#lineOf = lineOf
    this.#prefix = prefix
  }

  /** A part of the document, such as one site of the inline list. */
  part(path: Path, raw: unknown): Source {
    return new Source(this.file, raw, this.#lineOf, [...this.#prefix, ...path])
  }

  warning(path: Path, message: string): ConfigWarning {
    const whole = [...this.#prefix, ...path]
    return { file: this.file, line: this.#lineOf(whole), path: formatPath(whole), message }
  }

  problem(path: Path, message: string, fix: string): ConfigProblem {
    return { ...this.warning(path, message), fix }
  }
}

/** A document that is in no file: the defaults, or the environment. */
export function sourceWithoutFile(file: string, raw: unknown): Source {
  return new Source(file, raw, () => undefined)
}

/** Parses YAML. Broken text gives problems and no source; keys that stand twice are broken text. */
export function parseSource(file: string, text: string): { source?: Source; problems: ConfigProblem[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0) {
    const problems = document.errors.map(error => ({
      file,
      line: lines.linePos(error.pos[0]).line,
      path: '',
      message: `is not good YAML: ${error.message}`,
      fix: 'correct the text there',
    }))
    return { problems }
  }
  const lineOf = (path: Path): number | undefined => {
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range && (length === path.length || isCollection(node) || isAlias(node))) {
        return lines.linePos(node.range[0]).line
      }
    }
    // There is nothing in the text: what is wrong with that begins where the text does.
    return 1
  }
  try {
    return { source: new Source(file, document.toJS(), lineOf), problems: [] }
  } catch (error) {
    const message = `cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`
    return { problems: [{ file, path: '', message, fix: 'use fewer aliases' }] }
  }
}
