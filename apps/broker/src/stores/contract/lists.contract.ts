import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../auth/principal.ts'
import type { OpenStore } from '../store.contract.ts'
import type { ListFilter, NewWork } from '../store.ts'
import { ADA, ADMIN, BOB, CARL, claim, create, end, NOW, PROJECT, walk, workId } from './builders.ts'

/** Numbers of the rows that a filter must find, newest first. */
interface Row {
  readonly what: string
  readonly filter: Partial<ListFilter>
  readonly found: readonly number[]
}

const WORKS: readonly Partial<NewWork>[] = [
  { name: 'align', tags: { lab: 'a', run: '1' } },
  { name: 'align-2', tags: { lab: 'a', run: '' } },
  { name: 'Align', tags: { lab: 'b' } },
  { name: 'call', tags: {} },
  { name: undefined, tags: { lab: 'a' } },
  { name: 'al\u{10ffff}x', tags: { run: '1' } },
]

const ROWS: readonly Row[] = [
  { what: 'no filter finds all, newest first', filter: {}, found: [5, 4, 3, 2, 1, 0] },
  { what: 'a name prefix is exact in its case', filter: { namePrefix: 'al' }, found: [5, 1, 0] },
  { what: 'a whole name is a prefix of itself', filter: { namePrefix: 'align' }, found: [1, 0] },
  { what: 'a prefix may end in the last character of all', filter: { namePrefix: 'al\u{10ffff}' }, found: [5] },
  { what: 'a prefix is not a pattern', filter: { namePrefix: 'a%' }, found: [] },
  { what: 'a state', filter: { state: 'COMPLETE' }, found: [3, 0] },
  { what: 'a state that nobody has', filter: { state: 'PAUSED' }, found: [] },
  { what: 'a tag with its value', filter: { tags: [['lab', 'a']] }, found: [4, 1, 0] },
  { what: 'an empty value means any value, but the key must be there', filter: { tags: [['run', '']] }, found: [5, 1, 0] },
  {
    what: 'all pairs must hold',
    filter: {
      tags: [
        ['lab', 'a'],
        ['run', '1'],
      ],
    },
    found: [0],
  },
  {
    what: 'the same key twice with two values finds nothing',
    filter: {
      tags: [
        ['lab', 'a'],
        ['lab', 'b'],
      ],
    },
    found: [],
  },
  { what: 'all conditions must hold', filter: { namePrefix: 'al', state: 'COMPLETE', tags: [['run', '1']] }, found: [0] },
  { what: 'quotes are nothing special', filter: { namePrefix: `'"`, tags: [[`'; drop table work_items; --`, `"`]] }, found: [] },
]

export function describeLists(open: OpenStore): void {
  describe('lists', () => {
    it.each(ROWS)('$what', async ({ filter, found }) => {
      await using store = await open()
      for (const [number, work] of WORKS.entries()) await create(store, workId(number), work)
      await create(store, workId(90), { kind: 'run' })
      await create(store, workId(91), WORKS[0], BOB)
      const lease = await claim(store)
      for (const number of [0, 3]) await end(store, lease, workId(number))
      for (const size of [1, 2, 100]) expect(await walk(store, ADA, size, filter)).toEqual(found.map(workId))
    })

    it('shows each person their own, a bound credential its project, and admins all', async () => {
      await using store = await open()
      await create(store, workId(1))
      await create(store, workId(2), { project: 'other' as NewWork['project'] })
      await create(store, workId(3), {}, BOB)
      expect(await walk(store, ADA, 1)).toEqual([workId(2), workId(1)])
      expect(await walk(store, BOB, 1)).toEqual([workId(3)])
      expect(await walk(store, { ...ADA, project: 'other' as NewWork['project'] }, 1)).toEqual([workId(2)])
      expect(await walk(store, { ...ADA, project: 'other' as NewWork['project'] }, 1, { namePrefix: 'al', state: 'QUEUED' })).toEqual([
        workId(2),
      ])
      for (const filter of [{}, { namePrefix: 'a' }, { state: 'QUEUED' }] as const) {
        expect(await walk(store, ADMIN, 2, filter)).toEqual([workId(3), workId(2), workId(1)])
      }
    })

    it.each(ROWS)('members of a project see: $what', async ({ filter, found }) => {
      await using store = await open()
      // Half of the rows are Carl's own, and one that nobody shares stands between them.
      for (const [number, work] of WORKS.entries())
        await create(store, workId(number), { ...work, visibility: 'project' }, number % 2 === 0 ? ADA : CARL)
      await create(store, workId(90), { kind: 'run', visibility: 'project' })
      await create(store, workId(91), WORKS[0])
      await create(store, workId(92), { ...WORKS[0], visibility: 'project', project: 'other' as NewWork['project'] })
      const lease = await claim(store)
      for (const number of [0, 3]) await end(store, lease, workId(number))
      for (const size of [1, 2, 100]) expect(await walk(store, CARL, size, filter)).toEqual(found.map(workId))
      expect(await walk(store, BOB, 100, filter)).toEqual([])
    })

    it('shows a member of several projects the tasks of all that share them, each once, and through a bound credential one', async () => {
      await using store = await open()
      const other = 'other' as NewWork['project']
      const closed = 'closed' as NewWork['project']
      const both = { ...CARL, memberOf: [PROJECT, other, closed], sees: [PROJECT, other] }
      for (let number = 0; number < 60; number++) {
        const project = [PROJECT, other, closed][number % 3] ?? closed
        await create(store, workId(number), { project, visibility: 'project' }, number % 4 === 0 ? both : ADA)
      }
      const numbers = Array.from({ length: 60 }, (_, i) => 59 - i)
      const seen = (isSeen: (number: number) => boolean) => numbers.filter(isSeen).map(workId)
      for (const size of [1, 7, 256]) {
        expect(await walk(store, both, size)).toEqual(seen(number => number % 3 !== 2 || number % 4 === 0))
        expect(await walk(store, { ...both, project: other }, size)).toEqual(seen(number => number % 3 === 1))
        expect(await walk(store, { ...both, project: closed }, size)).toEqual(seen(number => number % 3 === 2 && number % 4 === 0))
        expect(await walk(store, { ...both, sees: undefined }, size)).toEqual(seen(number => number % 4 === 0))
      }
    })

    it('finds rows that no index leads to among many, and every row once', async () => {
      await using store = await open()
      const count = 6_000
      await Promise.all(
        Array.from({ length: count }, (_, i) =>
          create(store, workId(i), { name: `n${i % 2}`, tags: { half: String(i % 2), all: 'x', rare: String(i % 1500) } }),
        ),
      )
      const even = Array.from({ length: count / 2 }, (_, i) => workId(count - 2 - 2 * i))
      expect(
        await walk(store, ADA, 700, {
          tags: [
            ['half', '0'],
            ['all', ''],
          ],
        }),
      ).toEqual(even)
      expect(await walk(store, ADA, 700, { namePrefix: 'n', tags: [['half', '0']] })).toEqual(even)
      expect(
        await walk(store, ADA, 256, {
          namePrefix: 'n',
          state: 'QUEUED',
          tags: [
            ['all', ''],
            ['rare', '7'],
          ],
        }),
      ).toEqual([4507, 3007, 1507, 7].map(workId))
      expect(
        await walk(store, ADA, 256, {
          tags: [
            ['all', 'x'],
            ['half', '2'],
          ],
        }),
      ).toEqual([])
      expect(await walk(store, ADA, 1000)).toHaveLength(count)
    })

    it.each([
      ['their owner', ADA, 'owner'],
      ['a member of the project', CARL, 'project'],
      ['an owner who is a member too', { ...ADA, sees: [PROJECT] }, 'project'],
    ] as const)(
      'I10: walking the pages while others create gives %s each task that existed at the start exactly once',
      async (_, reader, visibility) => {
        await using store = await open()
        let next = 1000
        for (let i = 0; i < 300; i++) await create(store, workId(i), { tags: { t: 'x' }, visibility })
        const lease = await claim(store)
        let writing = true
        const writers = [0, 1, 2].map(async () => {
          while (writing) {
            await create(store, workId(next++), { tags: { t: 'x' }, visibility })
            await end(store, lease, workId(next - 1))
          }
        })
        for (const filter of [{}, { tags: [['t', 'x']] }, { namePrefix: 'al' }] as const) {
          for (const size of [1, 7, 256]) {
            const walked = await walk(store, reader, size, filter)
            const old = walked.filter(id => id < workId(1000))
            expect(old).toEqual(Array.from({ length: 300 }, (_, i) => workId(299 - i)))
            expect(new Set(walked).size).toBe(walked.length)
          }
        }
        writing = false
        await Promise.all(writers)
        expect(store.listDue(SYSTEM, 1, NOW)).toHaveLength(1)
      },
    )
  })
}
