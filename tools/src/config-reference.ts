/**
 * Writes the reference page of the broker's configuration from its schema: `node tools/src/config-reference.ts`. A test says whether the
 * committed page is the one that this writes.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configJsonSchema, environmentNames, type JsonSchema } from '@portolan/broker/config'

export const PAGE = join(import.meta.dirname, '../../apps/broker/docs/configuration.md')

const PARTS = ['sites', 'locations', 'projects'] as const

const INTRODUCTION = `# Configuration

One YAML file: \`--config FILE\`, or the variable \`PORTOLAN_CONFIG\`. Without a file the broker listens on loopback without a login,
keeps its data in \`./data\` and has no sites. All mistakes are reported together, each with its file, line, path and fix; a key that does not exist is a
mistake. \`portolan config check\` looks without starting, \`portolan config schema\` prints the schema that this page is made from, for editors.

- **Secrets** are never in the file: a field that ends in \`Ref\` says where one is, \`env:NAME\` or \`file:PATH\`.
- **Paths** are relative to the file that they stand in.
- **The environment** wins over the main file where a variable is named below. Lists are separated by commas.
- **Sites, locations and projects** stand in one file each, in the folders that the main file names, or inline in its lists.
- **Rules that no check can decide yet** load with a warning and refuse every task that they are about: a declared rule is never ignored.
- **An empty list** of what is admitted is a mistake; leave the key out for no rule. A list whose rule cannot be decided yet (\`groups\`, \`visas\` and so on) may be empty.
`

const NEEDED_WITH = '**required** with '

const TITLES = {
  sites: ['A site', 'One file in `sitesDir`, or an entry of `sites`. A `.cedar` file of the same name beside it declares further rules.'],
  locations: ['A location', 'One file in `locationsDir`, or an entry of `locations`.'],
  projects: ['A project', 'One file in `projectsDir`, or an entry of `projects`. In open mode there is also the project `local`.'],
} as const

interface Row {
  readonly key: string
  readonly type: string
  readonly fallback: string
  readonly variable: string
  readonly meaning: string
}

/** The page. */
export function renderReference(schema: JsonSchema): string {
  const variables = new Map(environmentNames(schema).map(({ path, name }) => [path.join('.'), name]))
  const main = listRows(schema, '', variables).filter(({ key }) => !PARTS.some(part => key === part || key.startsWith(`${part}[]`)))
  const parts = PARTS.map(part => {
    const [title, lead] = TITLES[part]
    return `## ${title}\n\n${lead}\n\n${renderTable(listRows(schema.properties?.[part]?.items ?? {}, '', new Map()), false)}`
  })
  return `${[INTRODUCTION, `## The main file\n\n${renderTable(main, true)}`, ...parts].join('\n')}`
}

function listRows(schema: JsonSchema, prefix: string, variables: ReadonlyMap<string, string>): Row[] {
  const rows = new Map<string, Row>()
  for (const variant of schema.oneOf ?? [schema]) {
    for (const [name, child] of Object.entries(variant.properties ?? {})) {
      const key = prefix === '' ? name : `${prefix}.${name}`
      if (child.const !== undefined && name === 'kind') continue
      const inner =
        child.items?.properties || child.items?.oneOf ? listRows(child.items, `${key}[]`, variables) : listRows(child, key, variables)
      const isRequired = variant.required?.includes(name) === true
      const isSection = child.properties !== undefined || child.oneOf !== undefined
      const row: Row = {
        key,
        type: isSection ? 'section' : describeType(child),
        fallback: isRequired ? describeRequired(variant) : describeDefault(child, isSection),
        variable: variables.get(key) ?? '',
        meaning: child.description ?? '',
      }
      rows.set(key, merge(rows.get(key), row))
      for (const kind of kindRow(child, key, variables)) rows.set(kind.key, kind)
      for (const one of inner) if (!rows.has(one.key)) rows.set(one.key, one)
    }
  }
  return [...rows.values()]
}

/** A key that stands in several variants is one row, which names all those that need it. */
function merge(earlier: Row | undefined, row: Row): Row {
  if (!earlier) return row
  const isNeeded = row.fallback.startsWith(NEEDED_WITH)
  if (!isNeeded || earlier.fallback === row.fallback) return earlier
  const before = earlier.fallback.startsWith(NEEDED_WITH) ? `${earlier.fallback}, ` : NEEDED_WITH
  return { ...earlier, fallback: `${before}${row.fallback.slice(NEEDED_WITH.length)}` }
}

/** The word that chooses among the variants of a section. */
function kindRow(schema: JsonSchema, key: string, variables: ReadonlyMap<string, string>): Row[] {
  const kinds = (schema.oneOf ?? []).flatMap(variant => {
    const kind = variant.properties?.kind?.const
    return typeof kind === 'string' ? [kind] : []
  })
  if (kinds.length === 0) return []
  const type = kinds.map(kind => `\`${kind}\``).join(', ')
  const usual = (schema.oneOf ?? []).map(variant => variant.properties?.kind?.default).find(kind => kind !== undefined)
  const fallback = usual === undefined ? '**required**' : `\`${JSON.stringify(usual)}\``
  return [{ key: `${key}.kind`, type, fallback, variable: variables.get(`${key}.kind`) ?? '', meaning: 'Which of them.' }]
}

function describeType(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map(word => `\`${String(word)}\``).join(', ')
  if (schema.anyOf) return schema.anyOf.map(describeType).join(' or ')
  switch (schema.type ?? '') {
    case 'array':
      return schema.items?.properties ? 'list of sections' : `list of ${describeType(schema.items ?? {})}`
    case 'object':
      return typeof schema.additionalProperties === 'object' ? `map to ${describeType(schema.additionalProperties)}` : 'section'
    case 'integer':
    case 'number':
      return `${schema.type === 'integer' ? 'whole number' : 'number'}${describeBounds(schema)}`
    case 'boolean':
      return '`true`, `false`'
    case 'string':
      return schema.format === 'uri' ? 'URL' : schema.format === 'date' ? 'day' : 'text'
    default:
      return 'anything'
  }
}

/** Of a variant with its own kind: only with that kind. */
function describeRequired(variant: JsonSchema): string {
  const kind = variant.properties?.kind?.const
  return typeof kind === 'string' ? `${NEEDED_WITH}\`${kind}\`` : '**required**'
}

function describeBounds({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const low = exclusiveMinimum === undefined ? (minimum === undefined ? '' : ` from ${minimum}`) : ` above ${exclusiveMinimum}`
  return `${low}${maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`}`
}

function describeDefault(schema: JsonSchema, isSection: boolean): string {
  const isEmpty = isSection && JSON.stringify(schema.default) === '{}'
  return schema.default === undefined || isEmpty ? '' : `\`${JSON.stringify(schema.default)}\``
}

function renderTable(rows: readonly Row[], withVariables: boolean): string {
  const head = withVariables ? ['Key', 'Value', 'Default', 'Variable', 'Meaning'] : ['Key', 'Value', 'Default', 'Meaning']
  const lines = rows.map(({ key, type, fallback, variable, meaning }) => {
    const cells = [`\`${key}\``, type, fallback, ...(withVariables ? [variable === '' ? '' : `\`${variable}\``] : []), meaning]
    return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return `| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}\n${lines.join('\n')}\n`
}

if (import.meta.main) writeFileSync(PAGE, renderReference(configJsonSchema()))
