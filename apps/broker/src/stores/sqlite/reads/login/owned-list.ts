/**
 * Pages of what persons own, newest first, by keyset over creation and id. Each page is read from one index.
 */
import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { Principal } from '../../../../auth/principal.ts'
import type { Page, PageOf, PagePlace, PersonRef } from '../../../login-rows.ts'
import { reachesPerson } from '../../../login-rules/reach.ts'
import { seesAll } from '../../../visibility.ts'
import { param, prepare, query } from '../../statement.ts'

interface OwnedTable {
  readonly name: string
  readonly columns: readonly string[]
  readonly byOwner: string
  readonly byAge: string
}

const BEFORE_ALL: PagePlace = { createdAt: Number.MAX_SAFE_INTEGER, id: '' }

export function prepareOwnedList<Stored extends { readonly id: string; readonly created_at: number }, Row>(
  db: DatabaseSync,
  table: OwnedTable,
  toRow: (row: Stored) => Row,
): (principal: Principal, page: PageOf) => Page<Row> {
  const columns = sql.join(table.columns.map(column => sql.ref(column)))
  const behind = sql`(created_at, id) < (${param('created_at')}, ${param('id')})`
  const end = sql`order by created_at desc, id desc limit ${param('limit')}`
  const source = (index: string) => sql`${sql.table(table.name)} indexed by ${sql.ref(index)}`
  const owner = sql`issuer = ${param('issuer')} and subject = ${param('subject')} and ${behind}`
  const select = (rest: ReturnType<typeof sql>) => prepare<Stored>(db, sql<Stored>`select ${columns} from ${rest} ${end}`.compile(query))
  const ofAll = select(sql`${source(table.byAge)} where ${behind}`)
  const ofOwner = select(sql`${source(table.byOwner)} where ${owner}`)
  const ofOwnerInProject = select(sql`${source(table.byOwner)} where ${owner} and project = ${param('project')}`)

  function read(principal: Principal, of: PersonRef | undefined, { size, after = BEFORE_ALL }: PageOf): readonly Stored[] {
    const page = { created_at: after.createdAt, id: after.id, limit: size + 1 }
    const all = seesAll(principal)
    if (all && !of) return ofAll.all(page)
    const { issuer, subject } = of ?? principal
    const { project } = principal
    if (all || project === undefined) return ofOwner.all({ ...page, issuer, subject })
    return ofOwnerInProject.all({ ...page, issuer, subject, project })
  }

  return (principal, page) => {
    if (page.owner && !reachesPerson(principal, page.owner)) return { rows: [] }
    const found = read(principal, page.owner, page)
    const rows = found.slice(0, page.size)
    const last = rows.at(-1)
    return { rows: rows.map(toRow), next: found.length > page.size && last ? { createdAt: last.created_at, id: last.id } : undefined }
  }
}
