/**
 * Statements that are built by kysely and compiled once, then run as prepared statements with named values.
 */
import type { DatabaseSync } from 'node:sqlite'
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import type { Tables } from './tables.ts'

/** Builds and compiles queries; it is connected to nothing. */
export const query = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: db => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

export type Value = string | number | Uint8Array | null | undefined
export type Values = Readonly<Record<string, Value>>

class Param {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A place in a query whose value is given by name when the statement runs. */
export function param(name: string): RawBuilder<never> {
  return sql<never>`${new Param(name)}`
}

/** A place for each column, named like the column. */
export function params<Name extends string>(...names: readonly Name[]): Record<Name, RawBuilder<never>> {
  return Object.fromEntries(names.map(name => [name, param(name)])) as Record<Name, RawBuilder<never>>
}

export interface Statement<Row> {
  readonly sql: string
  get(values: Values): Row | undefined
  all(values: Values): Row[]
  /** Answers how many rows it changed. */
  run(values: Values): number
}

export function prepare<Row>(db: DatabaseSync, compiled: CompiledQuery<Row>): Statement<Row> {
  const statement = db.prepare(compiled.sql)
  const places = compiled.parameters.map(parameter => {
    if (parameter instanceof Param) return parameter
    return { constant: isValue(parameter) ? parameter : fail(`a constant of an unknown type in: ${compiled.sql}`) }
  })
  const bind = (values: Values) => places.map(place => ('constant' in place ? place.constant : lookUp(place.name, values)))
  const lookUp = (name: string, values: Values) => {
    const value = values[name]
    if (value === undefined && !(name in values)) fail(`no value for ${name} in: ${compiled.sql}`)
    return value ?? null
  }
  // The rows have the columns that the query names: kysely's type of the query is the type of what SQLite answers.
  return {
    sql: compiled.sql,
    get: values => statement.get(...bind(values)) as Row | undefined,
    all: values => statement.all(...bind(values)) as Row[],
    run: values => Number(statement.run(...bind(values)).changes),
  }
}

function isValue(value: unknown): value is string | number | null {
  return value === null || typeof value === 'string' || typeof value === 'number'
}

function fail(message: string): never {
  throw new Error(message)
}
