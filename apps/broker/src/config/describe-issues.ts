/**
 * Turns what the schema found wrong into sentences with a fix. No message repeats a value that could be a secret.
 */
import type * as z from 'zod'
import { didYouMean } from './did-you-mean.ts'
import type { ConfigProblem } from './problem.ts'
import { describeKey, type JsonSchema, keysAt } from './schema-keys.ts'
import type { Source } from './source.ts'
import { valueAt } from './value-at.ts'

type Issue = z.core.$ZodIssue

/** Every mistake of one document. `schema` is the JSON Schema of the document, for the keys that exist. */
export function describeIssues(source: Source, issues: readonly Issue[], schema: JsonSchema): ConfigProblem[] {
  return issues.flatMap(issue => describeIssue(source, issue, schema))
}

function describeIssue(source: Source, issue: Issue, schema: JsonSchema): ConfigProblem[] {
  const path = issue.path.map(key => (typeof key === 'symbol' ? String(key) : key))
  const value = valueAt(source.raw, path)
  const problem = (message: string, fix: string): ConfigProblem[] => [source.problem(path, message, fix)]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => {
      const keys = keysAt(schema, source.raw, path)
      return source.problem([...path, key], 'is not a key that exists here', fixWord(key, keys, 'remove it; the keys here are'))
    })
  }
  if (value === undefined) return problem('is missing', fixMissing(issue, describeKey(schema, source.raw, path)))
  if (value === null) return problem('is empty', path.length === 0 ? 'fill it in, or remove it' : 'fill it in, or leave the key out')
  switch (issue.code) {
    case 'invalid_type':
      return problem(`must be ${nameType(issue.expected)}, not ${describeValue(value)}`, `write ${nameType(issue.expected)}`)
    case 'invalid_value':
      return describeChoice(problem, value, issue.values.map(String))
    case 'invalid_union':
      if ('options' in issue && Array.isArray(issue.options)) return describeChoice(problem, value, issue.options.map(String))
      return problem(`cannot be ${describeValue(value)}`, 'see the reference of the configuration for what it may be')
    case 'too_small':
      if (issue.origin === 'array')
        return problem(`has too few entries: ${bound('at least', 'more than', issue.minimum, issue.inclusive)}`, 'add what is missing')
      if (value === '') return problem('is an empty text', 'fill it in')
      return problem(`is too small: ${bound('at least', 'more than', issue.minimum, issue.inclusive)}`, 'raise it')
    case 'too_big':
      return problem(`is too large: ${bound('at most', 'less than', issue.maximum, issue.inclusive)}`, 'lower it')
    case 'custom':
      return problem(issue.message, typeof issue.params?.fix === 'string' ? issue.params.fix : 'correct it')
    case 'invalid_key':
    case 'invalid_element':
    case 'invalid_format':
    case 'not_multiple_of':
      return problem('is not right', issue.message)
  }
}

/** What to add: one of some words, or what the reference says of the key. */
function fixMissing(issue: Issue, meaning: string | undefined): string {
  const words = 'options' in issue && Array.isArray(issue.options) ? issue.options : issue.code === 'invalid_value' ? issue.values : []
  if (words.length > 0) return `add it: one of ${words.map(String).join(', ')}`
  return meaning === undefined ? 'add it' : `add it: ${meaning}`
}

function describeChoice(problem: (message: string, fix: string) => ConfigProblem[], value: unknown, words: string[]): ConfigProblem[] {
  if (typeof value !== 'string') return problem(`must be one word, not ${describeValue(value)}`, `use one of ${words.join(', ')}`)
  return problem(`cannot be "${value.slice(0, 40)}"`, fixWord(value, words, 'use one of'))
}

function fixWord(wrong: string, words: readonly string[], otherwise: string): string {
  const meant = didYouMean(wrong, words)
  return meant === undefined ? `${otherwise} ${words.join(', ')}` : `did you mean ${meant}?`
}

function bound(inclusive: string, exclusive: string, limit: number | bigint, isInclusive: boolean | undefined): string {
  return `${isInclusive === false ? exclusive : inclusive} ${limit}`
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section with keys',
  record: 'a section with keys',
}

function nameType(expected: string): string {
  return TYPE_NAMES[expected] ?? expected
}

function describeValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'what is no number (.nan)' : 'an endless number (.inf)'
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a number with a fraction'
  if (typeof value === 'boolean') return 'true or false'
  return 'a section with keys'
}
