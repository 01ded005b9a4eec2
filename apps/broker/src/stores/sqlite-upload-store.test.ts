import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { LocationId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { ADA, NOW, PROJECT } from './contract/builders.ts'
import { openTemporary } from './contract/temporary.ts'
import { describeUploads } from './contract/uploads.contract.ts'
import type { UploadId } from './upload-store.ts'

describeUploads('SQLite, uploads', async () => (await openTemporary()).store)

describe('the file of uploads', () => {
  it('T09 holds no name, no URL and nothing of a store in clear, and lets no upload that has ended begin again', async () => {
    const { store, path } = await openTemporary()
    await using uploads = store
    const [name, url, storeId] = [makeSecret('name'), makeSecret('url'), makeSecret('store')]
    const upload = {
      id: 'u' as UploadId,
      project: PROJECT,
      location: 'work' as LocationId,
      name,
      url,
      storeId,
      bytes: 1,
      partBytes: 1,
      replace: false,
    }
    await uploads.uploads.execute({ kind: 'createUpload', principal: ADA, upload: { ...upload, expiresAt: NOW + 1 }, most: 9, now: NOW })
    await uploads.uploads.execute({ kind: 'endUpload', principal: ADA, id: upload.id, end: 'completed', now: NOW })
    const bytes = [path, `${path}-wal`].map(file => readFileSync(file, 'latin1')).join('')
    expect([name, url, storeId].filter(secret => bytes.includes(secret))).toEqual([])
    using db = new DatabaseSync(path)
    expect(() => db.exec('update uploads set ended_at = null, ended_as = null')).toThrow('stays as it has ended')
  })
})
