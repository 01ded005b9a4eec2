/**
 * The tables of logins. Rules that stand below every command: a hash is a hash, so that no secret in clear can get in by mistake; an end, a
 * revocation and a use are never undone; a family has one token of each number, and its current number only rises.
 */
import { type CreateTableBuilder, type Kysely, type RawBuilder, type SchemaModule, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await createPersons(db.schema)
  await createTokens(db.schema)
  await createFamilies(db.schema)
  await createSessions(db.schema)
  await createFlows(db.schema)
  await db.schema
    .createIndex('events_of_persons')
    .on('events')
    .columns(['owner', 'id'])
    .where(sql.ref('work_id'), 'is', null)
    .where(sql.ref('owner'), 'is not', null)
    .execute()
  await sql`create trigger personal_tokens_stay_revoked before update of revoked_at on personal_tokens
    when old.revoked_at is not null begin select raise(abort, 'the token was revoked'); end`.execute(db)
  await sql`create trigger refresh_families_stay_ended before update of ended_at, why, current on refresh_families
    when old.ended_at is not null begin select raise(abort, 'the family has ended'); end`.execute(db)
  await sql`create trigger refresh_numbers_rise before update of current on refresh_families
    when new.current <= old.current begin select raise(abort, 'the number of the current token only rises'); end`.execute(db)
  await sql`create trigger sessions_stay_ended before update of ended_at on sessions
    when old.ended_at is not null begin select raise(abort, 'the session has ended'); end`.execute(db)
  await sql`create trigger device_flows_stay_decided before update of state on device_flows
    when not (old.state = 'pending' or old.state = 'approved' and new.state = 'used')
    begin select raise(abort, 'the device flow was decided'); end`.execute(db)
  await sql`create trigger pending_logins_stay_consumed before update of consumed_at on pending_logins
    when old.consumed_at is not null begin select raise(abort, 'the login was consumed'); end`.execute(db)
}

async function createPersons(schema: SchemaModule): Promise<void> {
  await ofPerson(schema.createTable('persons'))
    .addColumn('claims', 'blob', column => column.notNull())
    .addColumn('claims_at', 'integer', column => column.notNull())
    .addColumn('first_seen_at', 'integer', column => column.notNull())
    .addColumn('last_login_at', 'integer', column => column.notNull())
    .addColumn('linked_issuer', 'text')
    .addColumn('linked_subject', 'text')
    .addColumn('upstream_refresh', 'blob')
    .addPrimaryKeyConstraint('persons_key', ['issuer', 'subject'])
    .modifyEnd(sql`strict`)
    .execute()
}

async function createTokens(schema: SchemaModule): Promise<void> {
  await ofPerson(schema.createTable('personal_tokens'))
    .addColumn('id', 'text', column => column.primaryKey().notNull())
    .addColumn('project', 'text')
    .addColumn('scopes', 'text', column => column.notNull())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('hash', 'text', column => column.notNull().check(isHash('hash')))
    .addColumn('created_at', 'integer', column => column.notNull())
    .addColumn('expires_at', 'integer', column => column.notNull())
    .addColumn('last_used_at', 'integer')
    .addColumn('revoked_at', 'integer')
    .modifyEnd(sql`strict`)
    .execute()
  await schema.createIndex('tokens_by_hash').on('personal_tokens').column('hash').unique().execute()
  await schema.createIndex('tokens_by_owner').on('personal_tokens').columns(['issuer', 'subject', 'created_at', 'id']).execute()
  await schema.createIndex('tokens_by_age').on('personal_tokens').columns(['created_at', 'id']).execute()
  await schema.createIndex('tokens_by_end').on('personal_tokens').column('expires_at').execute()
}

async function createFamilies(schema: SchemaModule): Promise<void> {
  await ofPerson(schema.createTable('refresh_families'))
    .addColumn('id', 'text', column => column.primaryKey().notNull())
    .addColumn('project', 'text')
    .addColumn('scopes', 'text', column => column.notNull())
    .addColumn('client', 'blob', column => column.notNull())
    .addColumn('created_at', 'integer', column => column.notNull())
    .addColumn('expires_at', 'integer', column => column.notNull())
    .addColumn('current', 'integer', column => column.notNull())
    .addColumn('ended_at', 'integer')
    .addColumn('why', 'text', column => column.check(sql`why in ('logout', 'reuse', 'expired', 'revoked')`))
    .addCheckConstraint('families_end_with_a_reason', sql`(ended_at is null) = (why is null)`)
    .modifyEnd(sql`strict`)
    .execute()
  await schema.createIndex('families_by_owner').on('refresh_families').columns(['issuer', 'subject', 'created_at', 'id']).execute()
  await schema.createIndex('families_by_age').on('refresh_families').columns(['created_at', 'id']).execute()
  await schema.createIndex('families_by_end').on('refresh_families').column('expires_at').execute()
  await schema
    .createTable('refresh_tokens')
    .addColumn('hash', 'text', column => column.primaryKey().notNull().check(isHash('hash')))
    .addColumn('family_id', 'text', column => column.notNull())
    .addColumn('number', 'integer', column => column.notNull())
    .addColumn('created_at', 'integer', column => column.notNull())
    .addColumn('used_at', 'integer')
    .addColumn('used_again_at', 'integer')
    .addColumn('successor', 'integer')
    .modifyEnd(sql`strict, without rowid`)
    .execute()
  await schema.createIndex('refresh_tokens_by_family').on('refresh_tokens').columns(['family_id', 'number']).unique().execute()
}

async function createSessions(schema: SchemaModule): Promise<void> {
  await ofPerson(schema.createTable('sessions'))
    .addColumn('hash', 'text', column => column.primaryKey().notNull().check(isHash('hash')))
    .addColumn('created_at', 'integer', column => column.notNull())
    .addColumn('last_seen_at', 'integer', column => column.notNull())
    .addColumn('idle_ms', 'integer', column => column.notNull())
    .addColumn('expires_at', 'integer', column => column.notNull())
    .addColumn('ended_at', 'integer')
    .addColumn('data', 'blob')
    .modifyEnd(sql`strict`)
    .execute()
  await schema
    .createIndex('sessions_by_owner')
    .on('sessions')
    .columns(['issuer', 'subject'])
    .where(sql.ref('ended_at'), 'is', null)
    .execute()
  await schema.createIndex('sessions_by_end').on('sessions').column('expires_at').execute()
}

async function createFlows(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('device_flows')
    .addColumn('id', 'text', column => column.primaryKey().notNull())
    .addColumn('device_hash', 'text', column => column.notNull().check(isHash('device_hash')))
    .addColumn('user_hash', 'text', column => column.check(isHash('user_hash')))
    .addColumn('state', 'text', column => column.notNull().check(sql`state in ('pending', 'approved', 'denied', 'used')`))
    .addColumn('origin', 'blob', column => column.notNull())
    .addColumn('scopes', 'text', column => column.notNull())
    .addColumn('created_at', 'integer', column => column.notNull())
    .addColumn('expires_at', 'integer', column => column.notNull())
    .addColumn('interval_ms', 'integer', column => column.notNull())
    .addColumn('poll_after_at', 'integer', column => column.notNull())
    .addColumn('issuer', 'text')
    .addColumn('subject', 'text')
    .addColumn('project', 'text')
    .addCheckConstraint('device_flows_are_decided_by_somebody', sql`state = 'pending' or issuer is not null and subject is not null`)
    .modifyEnd(sql`strict`)
    .execute()
  await schema.createIndex('device_flows_by_device').on('device_flows').column('device_hash').unique().execute()
  await schema
    .createIndex('device_flows_by_user')
    .on('device_flows')
    .column('user_hash')
    .unique()
    .where(sql.ref('user_hash'), 'is not', null)
    .execute()
  await schema.createIndex('device_flows_by_end').on('device_flows').column('expires_at').execute()
  await schema
    .createTable('pending_logins')
    .addColumn('state_hash', 'text', column => column.primaryKey().notNull().check(isHash('state_hash')))
    .addColumn('binding_hash', 'text', column => column.notNull().check(isHash('binding_hash')))
    .addColumn('issuer', 'text', column => column.notNull())
    .addColumn('coded', 'blob')
    .addColumn('created_at', 'integer', column => column.notNull())
    .addColumn('expires_at', 'integer', column => column.notNull())
    .addColumn('consumed_at', 'integer')
    .modifyEnd(sql`strict`)
    .execute()
  await schema.createIndex('pending_logins_by_end').on('pending_logins').column('expires_at').execute()
}

function ofPerson<Name extends string>(table: CreateTableBuilder<Name>) {
  return table.addColumn('issuer', 'text', column => column.notNull()).addColumn('subject', 'text', column => column.notNull())
}

function isHash(column: string): RawBuilder<boolean> {
  return sql`length(${sql.ref(column)}) = 64 and ${sql.ref(column)} not glob '*[^0-9a-f]*'`
}
