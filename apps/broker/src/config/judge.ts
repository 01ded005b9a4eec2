/**
 * Judges one document: its shape by its schema, its meaning by its checks, both at once.
 */
import type * as z from 'zod'
import { describeIssues } from './describe-issues.ts'
import type { ConfigProblem } from './problem.ts'
import { type JsonSchema, toJsonSchema } from './schema-keys.ts'
import type { Source } from './source.ts'

/** A schema and what the messages need to know of it. */
export interface DocumentSchema<T extends z.ZodType> {
  readonly schema: T
  readonly json: JsonSchema
}

export function describeSchema<T extends z.ZodType>(schema: T): DocumentSchema<T> {
  return { schema, json: toJsonSchema(schema) }
}

/** The document, unless its shape is wrong, and all its mistakes: `meaning`, and those of its shape, one for each place. */
export function judge<T extends z.ZodType>(
  source: Source,
  { schema, json }: DocumentSchema<T>,
  meaning: readonly ConfigProblem[],
): { readonly file?: z.infer<T>; readonly problems: readonly ConfigProblem[] } {
  const parsed = schema.safeParse(source.raw)
  if (parsed.success) return { file: parsed.data, problems: meaning }
  const shape = describeIssues(source, parsed.error.issues, json)
  const here = source.problem([], '', '').path
  const isSaid = (path: string): boolean => shape.some(one => one.path === here || covers(one.path, path))
  return { problems: [...shape, ...meaning.filter(({ path }) => !isSaid(path))] }
}

function covers(outer: string, inner: string): boolean {
  return outer === inner || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`)
}
