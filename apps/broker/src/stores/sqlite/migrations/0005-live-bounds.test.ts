import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { migrate } from './migrate.ts'

it('refresh families that are there stay as they are, with the rules of their table, and can end in a further way', async () => {
  using db = new DatabaseSync(':memory:')
  await migrate(db, '0004-upstream-claims')
  const insert =
    db.prepare(`insert into refresh_families (issuer, subject, id, project, scopes, client, created_at, expires_at, current, ended_at, why)
    values ('i', 's', ?, null, '[]', x'00', 1, 9, 3, ?, ?)`)
  insert.run('live', null, null)
  insert.run('ended', 5, 'reuse')
  const read = () => db.prepare('select * from refresh_families order by id').all()
  const names = () =>
    db
      .prepare(`select name from sqlite_schema where tbl_name = 'refresh_families' order by name`)
      .all()
      .map(({ name }) => String(name))
  const [rows, parts] = [read(), names()]
  const displace = () => db.exec(`update refresh_families set ended_at = 7, why = 'displaced' where id = 'live'`)
  expect(displace).toThrow('CHECK')
  await migrate(db)
  expect(read()).toEqual(rows)
  expect(names()).toEqual([...parts, 'families_live_by_owner'].toSorted())
  expect(() => db.exec(`update refresh_families set current = 2 where id = 'live'`)).toThrow('only rises')
  expect(() => db.exec(`update refresh_families set ended_at = null, why = null where id = 'ended'`)).toThrow('has ended')
  expect(() => db.exec(`update refresh_families set ended_at = 7, why = 'bored' where id = 'live'`)).toThrow('CHECK')
  displace()
  expect(read()).toMatchObject([
    { id: 'ended', why: 'reuse' },
    { id: 'live', why: 'displaced' },
  ])
})
