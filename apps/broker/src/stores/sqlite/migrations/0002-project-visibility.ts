/**
 * Indexes for lists of what members of a project see. They hold only rows that were created as visible to them, so other tasks cost nothing; and
 * the count of what a project has under way.
 */
import { type Kysely, type SqlBool, sql } from 'kysely'

const SHARED = sql<SqlBool>`visibility = 'project'`

export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .alterTable('work_tags')
    .addColumn('visibility', 'text', column => column.notNull().defaultTo('owner'))
    .execute()
  await sql`update work_tags set visibility = 'project' where work_id in (select id from work_items where ${SHARED})`.execute(db)
  await schema.createIndex('work_by_project').on('work_items').columns(['project', 'kind']).where(SHARED).execute()
  await schema.createIndex('work_by_project_state').on('work_items').columns(['project', 'kind', 'state']).where(SHARED).execute()
  await schema.createIndex('work_by_project_name').on('work_items').columns(['project', 'kind', 'name']).where(SHARED).execute()
  await schema
    .createIndex('tags_by_project')
    .on('work_tags')
    .columns(['project', 'kind', 'key', 'value', 'work_id'])
    .where(SHARED)
    .execute()
  await schema.createIndex('attempts_under_way').on('attempts').column('project').where(sql.ref('unfenced'), '=', sql.lit(1)).execute()
}
