/**
 * A person's uploads that are under way, for whoever has lost the id of one.
 */
import type { ProjectId } from '@portolan/federation'
import { afterEach, expect, it } from 'vitest'
import type { UploadList } from '../src/api/data-schemas.ts'
import { OWNER, startUploads, type UploadWorld } from './upload-world.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function world(options: Parameters<typeof startUploads>[0] = {}): Promise<UploadWorld> {
  const made = await startUploads(options)
  cleanUp.push(() => made[Symbol.asyncDispose]())
  return made
}

async function list(at: UploadWorld, query = ''): Promise<UploadList> {
  const { status, text } = await at.ask('GET', query)
  expect([status, text]).toEqual([200, expect.any(String)])
  return JSON.parse(text)
}

it('an upload whose id was lost is found in the list, and goes on', async () => {
  const at = await world()
  const { id: _lost, parts, ...begun } = await at.begin('reads/a b.fastq', 5, { replace: true })
  expect(parts).toEqual([])
  const { uploads, next_page_token } = await list(at)
  expect([uploads.length, next_page_token]).toEqual([1, undefined])
  const [found] = uploads
  expect(found).toEqual({
    ...begun,
    id: expect.any(String),
    name: 'reads/a b.fastq',
    replace: true,
    begun_at: expect.stringMatching(/^\d{4}-.+Z$/),
  })
  expect((await at.ask('PUT', `/${found?.id}/parts/1`, Buffer.from('bytes'))).status).toBe(200)
  expect((await at.ask('POST', `/${found?.id}/complete`)).status).toBe(200)
  expect((await list(at)).uploads).toEqual([])
})

it('the list of uploads comes newest first and in pages, and without what has ended or expired', async () => {
  let time = Date.now()
  const at = await world({ now: () => time })
  const names = ['a', 'b', 'c', 'd', 'e']
  const ids = new Map<string, string>()
  for (const name of names) {
    time += 1000
    ids.set(name, (await at.begin(name, 1)).id)
  }
  expect((await at.ask('DELETE', `/${ids.get('d')}`)).status).toBe(204)
  const seen: string[] = []
  for (let token: string | undefined, pages = 0; pages < names.length; pages++) {
    const page = await list(at, `?page_size=2${token === undefined ? '' : `&page_token=${token}`}`)
    expect(page.uploads.length).toBeLessThanOrEqual(2)
    seen.push(...page.uploads.map(({ name }) => name))
    token = page.next_page_token
    if (token === undefined) break
  }
  expect(seen).toEqual(['e', 'c', 'b', 'a'])
  time += 7 * 24 * 3_600_000 - 3000
  expect((await list(at)).uploads.map(({ name }) => name)).toEqual(['e', 'c'])
})

it('the list of uploads asks no store', async () => {
  const at = await world()
  await at.begin('a', 1)
  const before = at.s3.requests.length
  await list(at)
  expect(at.s3.requests.length).toBe(before)
})

it('T03 a page token of a list of uploads opens no other list, and none that was made up opens this one', async () => {
  const at = await world()
  for (const name of ['a', 'b']) await at.begin(name, 1)
  const { next_page_token: token = '' } = await list(at, '?page_size=1')
  for (const wrong of [`${token}A`, token.slice(4), 'AAAA']) {
    const refused = await at.ask('GET', `?page_token=${wrong}`)
    expect([refused.status, JSON.parse(refused.text).type]).toEqual([400, 'urn:portolan:error:bad-page-token'])
  }
  expect((await at.ask('GET', '?page_size=0')).status).toBe(400)
})

it('T03 the list of uploads shows nothing of anybody else', async () => {
  const at = await world()
  const { id } = await at.begin('a', 1)
  const row = at.api.uploads.getUpload(OWNER, id as never) ?? expect.fail('nothing was noted')
  await at.api.uploads.execute({
    kind: 'createUpload',
    principal: { ...OWNER, subject: 'bob' },
    upload: { ...row, id: 'another' as typeof row.id, project: 'other' as ProjectId },
    most: 9,
    now: row.createdAt + 1,
  })
  expect((await list(at)).uploads.map(upload => upload.id)).toEqual([id])
})
