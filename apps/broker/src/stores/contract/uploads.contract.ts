import type { LocationId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../auth/principal.ts'
import type { PagePlace } from '../login-rows.ts'
import type { NewUpload, UploadEnd, UploadId, UploadStore } from '../upload-store.ts'
import { ADA, ADMIN, BOB, CARL, NOW, PROJECT } from './builders.ts'

/** Opens a new, empty store; called once a test. */
export type OpenUploadStore = () => Promise<AsyncDisposable & { readonly uploads: UploadStore }>

const uploadId = (number: number): UploadId => `u${String(number).padStart(4, '0')}` as UploadId
const ID = uploadId(1)

function newUpload(id = ID, changes: Partial<NewUpload> = {}): NewUpload {
  const url = 's3://work/uploads/x/reads.fastq'
  const location = 'work' as LocationId
  return {
    id,
    project: PROJECT,
    location,
    name: 'reads.fastq',
    url,
    storeId: 'at the store',
    bytes: 7,
    partBytes: 5,
    replace: false,
    expiresAt: NOW + 100,
    ...changes,
  }
}

export function describeUploads(name: string, open: OpenUploadStore): void {
  describe(name, () => {
    const create = (uploads: UploadStore, upload = newUpload(), principal = ADA, most = 9, now = NOW) =>
      uploads.execute({ kind: 'createUpload', principal, upload, most, now })
    const end = (uploads: UploadStore, how: UploadEnd, principal = ADA, id = ID) =>
      uploads.execute({ kind: 'endUpload', principal, id, end: how, now: NOW + 1 })

    it('keeps an upload as it was begun, and how it ended', async () => {
      await using store = await open()
      const { uploads } = store
      expect(await create(uploads)).toEqual({ outcome: 'created' })
      const owner = { issuer: ADA.issuer, subject: ADA.subject }
      expect(uploads.getUpload(ADA, ID)).toEqual({ ...newUpload(), owner, createdAt: NOW, end: undefined })
      expect(await end(uploads, 'completed')).toEqual({ outcome: 'ended' })
      expect(await end(uploads, 'aborted')).toEqual({ outcome: 'alreadyEnded' })
      expect(uploads.getUpload(ADA, ID)?.end).toBe('completed')
    })

    it.each([
      ['somebody else', BOB],
      ['a member of its project', CARL],
      ['an administrator', ADMIN],
      ['its owner by a credential for another project', { ...ADA, project: 'other' as typeof PROJECT }],
    ])('T03 shows it to its owner alone, and not to %s', async (_, principal) => {
      await using store = await open()
      const { uploads } = store
      await create(uploads)
      expect(uploads.getUpload(principal, ID)).toBeUndefined()
      expect(await end(uploads, 'aborted', principal)).toEqual({ outcome: 'notFound' })
      expect(uploads.getUpload(ADA, ID)?.end).toBeUndefined()
    })

    it('T16 lets a person have so many under way, and counts neither what has ended or expired nor what is somebody else’s', async () => {
      await using store = await open()
      const { uploads } = store
      await create(uploads, newUpload(uploadId(1)), ADA, 2)
      await create(uploads, newUpload(uploadId(2)), ADA, 2)
      expect(await create(uploads, newUpload(uploadId(3)), ADA, 2)).toEqual({ outcome: 'tooMany' })
      expect(uploads.getUpload(ADA, uploadId(3))).toBeUndefined()
      expect(await create(uploads, newUpload(uploadId(4)), BOB, 2)).toEqual({ outcome: 'created' })
      await end(uploads, 'aborted')
      expect(await create(uploads, newUpload(uploadId(5)), ADA, 2)).toEqual({ outcome: 'created' })
      expect(await create(uploads, newUpload(uploadId(6)), ADA, 1, NOW + 100)).toEqual({ outcome: 'created' })
    })

    it('T03 lists a person what they have under way, newest first and page by page, and nobody else’s', async () => {
      await using store = await open()
      const { uploads } = store
      for (const [number, at, changes] of [
        [1, 0, {}],
        [2, 5, {}],
        [3, 5, { project: 'other' as typeof PROJECT }],
        [4, 9, {}],
        [5, 7, {}],
        [6, 6, { expiresAt: NOW + 10 }],
      ] as const) {
        await create(uploads, newUpload(uploadId(number), changes), ADA, 9, NOW + at)
      }
      await create(uploads, newUpload(uploadId(7)), BOB)
      await end(uploads, 'completed', ADA, uploadId(4))
      const list = (principal: typeof ADA): readonly (readonly UploadId[])[] => {
        const pages: UploadId[][] = []
        for (let after: PagePlace | undefined, more = true; more; more = after !== undefined) {
          const page = uploads.listUploads(principal, { size: 2, after }, NOW + 10)
          pages.push(page.rows.map(({ id }) => id))
          after = page.next
        }
        return pages
      }
      expect(list(ADA)).toEqual([[5, 3].map(uploadId), [2, 1].map(uploadId)])
      expect(uploads.listUploads(ADA, { size: 1 }, NOW).rows).toEqual([uploads.getUpload(ADA, uploadId(5))])
      expect(list({ ...ADA, project: 'other' as typeof PROJECT })).toEqual([[uploadId(3)]])
      expect([list(BOB), list(CARL), list(ADMIN)]).toEqual([[[uploadId(7)]], [[]], [[]]])
      expect([ADA, BOB, CARL].map(principal => uploads.countUploads(principal, NOW + 10))).toEqual([4, 1, 0])
    })

    it('keeps what has ended for a while, and forgets it a bounded number of rows at once', async () => {
      await using store = await open()
      const { uploads } = store
      for (let number = 1; number <= 4; number++) await create(uploads, newUpload(uploadId(number)))
      for (let number = 1; number <= 3; number++) await end(uploads, 'aborted', ADA, uploadId(number))
      const sweep = (until: number) => uploads.execute({ kind: 'sweepUploads', principal: SYSTEM, until, limit: 2 })
      expect(await sweep(NOW)).toEqual({ deleted: 0 })
      expect([await sweep(NOW + 1), await sweep(NOW + 1), await sweep(NOW + 1)]).toEqual([{ deleted: 2 }, { deleted: 1 }, { deleted: 0 }])
      expect([1, 2, 3, 4].map(number => uploads.getUpload(ADA, uploadId(number))?.id)).toEqual([
        undefined,
        undefined,
        undefined,
        uploadId(4),
      ])
    })

    it('lists what has expired, oldest first and page by page, for the broker alone', async () => {
      await using store = await open()
      const { uploads } = store
      for (const [number, expiresAt] of [
        [1, 30],
        [2, 10],
        [3, 10],
        [4, 20],
        [5, 99],
      ] as const) {
        await create(uploads, newUpload(uploadId(number), { expiresAt: NOW + expiresAt }))
      }
      await end(uploads, 'completed', ADA, uploadId(4))
      const ids: string[] = []
      for (let page = uploads.listExpiredUploads(SYSTEM, NOW + 30, 2); page.length > 0; ) {
        ids.push(...page.map(({ id }) => id))
        page = uploads.listExpiredUploads(SYSTEM, NOW + 30, 2, page.at(-1))
      }
      expect(ids).toEqual([2, 3, 1].map(uploadId))
      expect(await end(uploads, 'expired', SYSTEM)).toEqual({ outcome: 'ended' })
      expect(uploads.listExpiredUploads(SYSTEM, NOW + 30, 9).map(({ id }) => id)).toEqual([2, 3].map(uploadId))
      expect(() => uploads.listExpiredUploads(ADMIN, NOW, 1)).toThrow('for the broker itself')
    })
  })
}
