/**
 * Outputs as objects of the Data Repository Service, as our own client reads them and as the contract has them.
 */
import { createDrsClient, DrsObject } from '@portolan/ga4gh/drs'
import { describe, expect, it } from 'vitest'
import { type DoorLimits, openDoorLimits } from '../src/auth/limits/door-limits.ts'
import { call } from './call.ts'
import { type OutputsTest, openOutputs, type Who } from './outputs-parts.ts'

const BASE = '/ga4gh/drs/v1'
const RESULT = 's3://b/results/a.txt'

const clientOf = (open: OutputsTest, who: Who) =>
  createDrsClient({
    baseUrl: `http://127.0.0.1:${open.api.port}${BASE}`,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('x-who', who)
      return fetch(input, { ...init, headers })
    },
  })

describe('an output as a DRS object', () => {
  it('has an id, a size, the digests of its store, and ways to its bytes without any link', async () => {
    await using open = await openOutputs()
    const task = await open.leave(open.direct, RESULT, 'a result')
    const { status, text } = await open.ask('ada', 'GET', `${BASE}/objects/${task}.0`)
    expect([status, open.links]).toEqual([200, []])
    const object = DrsObject.parse(JSON.parse(text))
    expect(object).toMatchObject({
      id: `${task}.0`,
      name: 'result é.txt',
      self_uri: `drs://127.0.0.1:8080/${task}.0`,
      size: 8,
      checksums: [{ type: 'etag' }],
      access_methods: [
        { type: 's3', access_url: { url: RESULT }, cloud: 'ground', region: 'r' },
        { type: 'https', access_id: 'link' },
      ],
    })
    expect(JSON.parse((await open.ask('ada', 'GET', `/portolan/v1/tasks/${task}/outputs`)).text).outputs[0].drs).toBe(object.self_uri)
  })

  it('is read by our own client, many at once too, and its bytes are had by its access id', async () => {
    await using open = await openOutputs()
    const task = await open.leave(open.direct, RESULT, 'a result')
    const client = clientOf(open, 'ada')
    expect((await client.serviceInfo()).maxBulkRequestLength).toBe(100)
    expect((await client.getObject(`${task}.0`)).size).toBe(8)
    const many = await client.getObjects([`${task}.0`, `${task}.7`, 'never'])
    expect([...many.values()].map(({ outcome }) => outcome)).toEqual(['found', 'missing', 'missing'])
    expect((await client.access(`${task}.0`, 'link')).url).toBe(`${RESULT}?signed`)
    expect(open.links).toHaveLength(1)
  })

  it('T16 takes one of the creates of a person for each link, also of those that are asked for at once', async () => {
    const spent: number[] = []
    const doorLimits: DoorLimits = {
      ...openDoorLimits,
      spendCreate(_person, _address, count = 1) {
        spent.push(count)
        return count > 3 ? { outcome: 'refused', waitMs: 1_000 } : { outcome: 'admitted' }
      },
    }
    await using open = await openOutputs({ doorLimits })
    const id = `${await open.leave(open.direct, RESULT, 'a result')}.0`
    const askMany = async (count: number): Promise<number> => {
      const one = { bulk_object_id: id, bulk_access_ids: ['link'] }
      const body = JSON.stringify({ bulk_object_access_ids: Array.from({ length: count }, () => one) })
      const asked = { method: 'POST', path: `${BASE}/objects/access`, headers: { 'x-who': 'ada' }, body }
      return (await call(open.api.port, asked)).status
    }
    expect((await open.ask('ada', 'GET', `${BASE}/objects/${id}/access/link`)).status).toBe(200)
    expect([await askMany(4), await askMany(5)]).toEqual([200, 429])
    expect([spent, open.links.length]).toEqual([[1, 1, 3, 1, 4], 5])
  })

  it('has none of the ids that were never given out', async () => {
    await using open = await openOutputs()
    const task = await open.leave(open.direct, RESULT, 'a result')
    for (const id of ['x', `${task}`, `${task}.1`, `${task}.00`, `${task}.0.0`, `${task}.-1`]) {
      expect((await open.ask('ada', 'GET', `${BASE}/objects/${id}`)).status).toBe(404)
    }
    expect((await open.ask('ada', 'GET', `${BASE}/objects/${task}.0/access/other`)).status).toBe(404)
  })

  it('is none while its task is under way, and where nobody could tell which version it is', async () => {
    await using open = await openOutputs()
    const running = await open.finish(
      [{ url: RESULT, path: '/a', sizeBytes: '1', etag: '"1"', location: open.direct.location }],
      {},
      'RUNNING',
    )
    const unnamed = await open.finish([{ url: RESULT, path: '/a', sizeBytes: '1' }])
    for (const task of [running, unnamed]) expect((await open.ask('ada', 'GET', `${BASE}/objects/${task}.0`)).status).toBe(404)
  })

  it('T03 is 404 for whoever may not see the task, and its bytes are for no administrator', async () => {
    await using open = await openOutputs()
    const closed = await open.leave(open.direct, RESULT, 'a result')
    const shared = await open.leave(open.direct, RESULT, 'a result', { visibility: 'project' })
    const status = async (who: Who, task: string, more = ''): Promise<number> =>
      (await open.ask(who, 'GET', `${BASE}/objects/${task}.0${more}`)).status
    expect([await status('bob', shared), await status('carl', closed), await status('carl', shared)]).toEqual([404, 404, 200])
    expect([await status('bob', shared, '/access/link'), await status('carl', shared, '/access/link')]).toEqual([404, 200])
    expect([await status('admin', closed), await status('admin', closed, '/access/link')]).toEqual([200, 403])
  })

  it('T03 stays where it is if it may only be computed with', async () => {
    await using open = await openOutputs()
    const task = await open.leave(open.direct, 's3://b/compute/a', 'secret')
    const { access_methods } = DrsObject.parse(JSON.parse((await open.ask('ada', 'GET', `${BASE}/objects/${task}.0`)).text))
    expect(access_methods?.map(({ access_id }) => access_id)).toEqual([undefined])
    expect((await open.ask('ada', 'GET', `${BASE}/objects/${task}.0/access/link`)).status).toBe(403)
    expect(open.links).toEqual([])
  })

  it('says to everybody how one is known, for any id', async () => {
    await using open = await openOutputs()
    const { status, text } = await open.ask('ada', 'OPTIONS', `${BASE}/objects/whatever`)
    expect([status, JSON.parse(text)]).toEqual([200, { drs_object_id: 'whatever', supported_types: ['BearerAuth', 'BasicAuth'] }])
  })
})
