import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ApiError, createTesClient, discover, type TesClient } from './index.ts'

const TASK = { executors: [{ image: 'alpine:3', command: ['true'] }] }

/** A client whose server answers every request with this text. */
const clientOf = (text: string, status = 200): TesClient =>
  createTesClient({ url: 'https://tes.test/v1', maxRetries: 0, fetch: async () => new Response(text, { status }) })

const calls: [string, (client: TesClient) => Promise<unknown>][] = [
  ['createTask', client => client.createTask(TASK)],
  ['getTask', client => client.getTask('a')],
  ['getTask in full', client => client.getTask('a', { view: 'FULL' })],
  ['listPage', client => client.listPage({ view: 'BASIC' })],
  ['listTasks', client => client.listTasks().toArray({ limit: 5 })],
  ['getServiceInfo', client => client.getServiceInfo()],
  ['cancelTask', client => client.cancelTask('a')],
]

describe('whatever a server answers', () => {
  const keys = fc.constantFrom(
    'id',
    'state',
    'logs',
    'inputs',
    'executors',
    'tags',
    'tasks',
    'next_page_token',
    'msg',
    'problems',
    'message',
    'messages',
    'type',
  )
  const { json } = fc.letrec(tie => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.constantFrom('a', 'COMPLETE'),
      fc.string(),
      fc.double(),
      fc.array(tie('json')),
      fc.dictionary(keys, tie('json')),
    ),
  }))
  const body = fc.oneof(
    json.map(value => JSON.stringify(value) ?? ''),
    fc.string(),
  )

  it.each(calls)('%s gives a value or an ApiError', async (_name, call) => {
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom(200, 200, 201, 400, 401, 404, 429, 500), async (text, status) => {
        const error: unknown = await call(clientOf(text, status)).then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        expect(error === undefined || error instanceof ApiError).toBe(true)
        if (status >= 400) expect(error).toMatchObject({ status })
      }),
      { numRuns: 300 },
    )
  })
})

describe('a request', () => {
  it('names its view always and repeats tags by position', async () => {
    const asked: string[] = []
    const client = createTesClient({
      url: 'https://tes.test/v1/',
      fetch: async (url, init) => {
        asked.push(`${init.method} ${url}`)
        return new Response('{"id":"a/b","state":"QUEUED","tasks":[]}')
      },
    })
    await client.getTask('a/b')
    await client.listPage({ tags: { k: '', l: 'v w' }, state: 'RUNNING', namePrefix: 'n', pageSize: 5, pageToken: 't' }).catch(() => {})
    await client.cancelTask('a/b')
    expect(asked).toEqual([
      'GET https://tes.test/v1/tasks/a%2Fb?view=MINIMAL',
      'GET https://tes.test/v1/tasks?view=MINIMAL&page_size=5&page_token=t&name_prefix=n&state=RUNNING&tag_key=k&tag_key=l&tag_value=&tag_value=v+w',
      'POST https://tes.test/v1/tasks/a%2Fb:cancel',
    ])
  })
})

describe('discover', () => {
  const at = (answers: Record<string, [number, unknown]>) => {
    const asked: string[] = []
    const fetch = async (url: string, init: RequestInit) => {
      const path = new URL(url).pathname
      asked.push(`${init.method} ${path}`)
      const [status, body] = answers[path] ?? [404, {}]
      return new Response(JSON.stringify(body), { status })
    }
    return { asked, found: discover('https://tes.test', { fetch, maxRetries: 0 }) }
  }
  const TES = { id: 'x', type: { group: 'org.ga4gh', artifact: 'TES', version: '1.0' } }

  it('takes the first base path whose service-info is that of a TES server', async () => {
    const wes = { id: 'w', type: { artifact: 'wes' } }
    const { asked, found } = at({ '/service-info': [200, wes], '/v1/service-info': [200, TES] })
    expect((await found).url).toBe('https://tes.test/v1')
    expect(asked.every(request => request.startsWith('GET '))).toBe(true)
  })

  it('knows the path and the words of TES 1.0', async () => {
    const { found } = at({ '/v1/tasks/service-info': [200, { name: 'old', doc: '', storage: [] }] })
    expect((await found).url).toBe('https://tes.test/v1')
  })

  it('stops where a login is asked for', async () => {
    await expect(at({ '/ga4gh/tes/v1/service-info': [401, {}] }).found).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('says where it looked', async () => {
    await expect(at({}).found).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('/ga4gh/tes/v1') })
  })
})
