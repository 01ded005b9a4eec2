import type { LocationId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../auth/principal.ts'
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
