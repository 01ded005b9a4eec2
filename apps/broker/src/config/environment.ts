/**
 * Values from the environment: `PORTOLAN_SERVER_PORT=9000` is `server.port: 9000` and wins over the file.
 */
import { didYouMean } from './did-you-mean.ts'
import { isRecord } from './is-record.ts'
import type { ConfigProblem, Path } from './problem.ts'
import { type JsonSchema, variantsOf } from './schema-keys.ts'
import { sourceWithoutFile } from './source.ts'

export interface EnvironmentName {
  readonly name: string
  readonly path: readonly string[]
  readonly schema: JsonSchema
}

/** Every value of the main file that a variable can set: single values and lists of words, which are separated by commas. */
export function environmentNames(schema: JsonSchema, path: readonly string[] = []): EnvironmentName[] {
  const names = new Map<string, EnvironmentName>()
  for (const variant of variantsOf(schema)) {
    if (variant.properties) {
      for (const [key, child] of Object.entries(variant.properties)) {
        for (const found of environmentNames(child, [...path, key])) names.set(found.name, found)
      }
    } else if (path.length > 0 && (variant.type !== 'array' || variant.items?.type === 'string') && variant.type !== 'object') {
      const name = `PORTOLAN_${path.map(key => toUpperSnake(key)).join('_')}`
      if (!names.has(name)) names.set(name, { name, path, schema: variant })
    }
  }
  return [...names.values()]
}

/** `publicUrl` is PUBLIC_URL, `bodyMiB` is BODY_MIB. */
function toUpperSnake(key: string): string {
  return key
    .replace(/([MK])iB$/, '_$1IB')
    .replaceAll(/(?<=[a-z])[A-Z]/g, capital => `_${capital}`)
    .toUpperCase()
}

function readValue(text: string, schema: JsonSchema): unknown {
  const { type } = schema
  if (type === 'integer' || type === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (type !== 'array') return text
  return text
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')
}

/** `raw` with what the environment sets, and the names that look like ours and are not. */
export function applyEnvironment(
  raw: unknown,
  env: NodeJS.ProcessEnv,
  schema: JsonSchema,
): { raw: unknown; set: readonly EnvironmentName[]; problems: ConfigProblem[] } {
  const known = environmentNames(schema)
  const set = known.filter(({ name }) => env[name] !== undefined)
  let result = withDefaults(raw, set, schema)
  for (const { name, path, schema: leaf } of set) result = withValue(result, path, readValue(env[name] ?? '', leaf))
  const sections = new Set(known.map(({ path }) => `PORTOLAN_${(path[0] ?? '').toUpperCase()}_`))
  const names = known.map(({ name }) => name)
  const wrong = Object.keys(env)
    .filter(name => !names.includes(name) && [...sections].some(section => name.startsWith(section)))
    .sort((left, right) => (left < right ? -1 : 1))
  const environment = sourceWithoutFile('environment', env)
  const problems = wrong.map(name => {
    const meant = didYouMean(name, names)
    return environment.problem([name], 'sets nothing', meant === undefined ? 'remove it' : `did you mean ${meant}?`)
  })
  return { raw: result, set, problems }
}

/** The sections that get a value and are not written, as the schema fills them in: a single value alone would not make a whole section. */
function withDefaults(raw: unknown, set: readonly EnvironmentName[], schema: JsonSchema): unknown {
  const sections = set.flatMap(({ path }) => path[0] ?? []).filter(key => !isRecord(raw) || raw[key] === undefined)
  return sections.reduce((result, key) => withValue(result, [key], schema.properties?.[key]?.default), raw)
}

function withValue(raw: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  const section = isRecord(raw) ? raw : {}
  return { ...section, [key]: withValue(section[key], rest, value) }
}
