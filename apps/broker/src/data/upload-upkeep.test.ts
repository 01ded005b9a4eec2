import type { LocationId, ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import type { UploadId, UploadRow, UploadStore } from '../stores/upload-store.ts'
import type { StoreFailure } from './object-store.ts'
import { endExpired, forgetEnded } from './upload-upkeep.ts'

const signal = (): AbortSignal => AbortSignal.timeout(10_000)

function expired(number: number, location: string): UploadRow {
  const id = `u${String(number).padStart(4, '0')}` as UploadId
  const at = { project: 'local' as ProjectId, location: location as LocationId, name: 'a', url: `s3://work/${id}`, storeId: id }
  return { ...at, id, bytes: 1, partBytes: 1, replace: false, expiresAt: number, createdAt: 0, owner: { issuer: 'i', subject: 's' } }
}

function storeOf(rows: readonly UploadRow[], deleted: number[] = []) {
  const asked: unknown[] = []
  const store: Pick<UploadStore, 'listExpiredUploads' | 'execute'> = {
    listExpiredUploads: (_principal, now, limit, after) =>
      rows.filter(row => row.expiresAt <= now && row.expiresAt > (after?.expiresAt ?? -1)).slice(0, limit),
    async execute(command) {
      asked.push(command)
      // The one command of these tests.
      return { deleted: deleted.shift() ?? 0 } as never
    },
  }
  return { store, asked }
}

async function tell(rows: readonly UploadRow[], failures: Readonly<Record<string, StoreFailure['kind']>>) {
  const asked: string[] = []
  const round = await endExpired(
    {
      store: storeOf(rows).store,
      now: () => 1e9,
      uploads: {
        async end(_principal, { location }, how) {
          asked.push(location)
          const kind = failures[location]
          return kind ? { outcome: 'failed', location, failure: { kind, detail: '' } } : { outcome: 'done', value: how }
        },
      },
    },
    signal(),
  )
  return { ...round, asked }
}

describe('a round over uploads that have expired', () => {
  const rows = Array.from({ length: 250 }, (_, at) => expired(at, at % 50 === 49 ? 'live' : 'other'))

  it.each(['unreachable', 'timeout'] as const)('leaves a location in peace that is silent (%s), and ends those at others', async kind => {
    const { asked, ...round } = await tell(rows, { other: kind })
    expect(round).toEqual({ ended: 5, left: 245 })
    expect(asked.filter(location => location === 'other')).toHaveLength(3)
  })

  it('asks on where a location answers that it cannot', async () => {
    const { asked, ...round } = await tell(rows, { other: 'server' })
    expect(round).toEqual({ ended: 5, left: 245 })
    expect(asked).toHaveLength(250)
  })
})

it('what ended a week ago is forgotten, step by step', async () => {
  const { store, asked } = storeOf([], [500, 500, 3])
  await forgetEnded({ store, now: () => 7 * 24 * 3_600_000 + 5 }, signal())
  expect(asked).toHaveLength(3)
  expect(asked[0]).toMatchObject({ kind: 'sweepUploads', until: 5, limit: 500 })
})
