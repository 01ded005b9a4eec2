import { expect, it } from 'vitest'
import { startDrs } from './server.ts'

const GOOD = JSON.stringify({ bulk_object_ids: ['a'] })
const JSON_TYPE = 'application/json'

const ROWS: [what: string, body: string, type: string, status: number][] = [
  ['what the contract wants', GOOD, JSON_TYPE, 200],
  ['the same with its letters named', GOOD, 'Application/JSON; charset=utf-8', 200],
  ['a body that is no JSON', '{', JSON_TYPE, 400],
  ['JSON that is declared as text', GOOD, 'text/plain', 400],
  ['JSON of a kind that only begins so', GOOD, 'application/json-seq', 400],
  ['JSON that is not what the contract wants', '{"bulk_object_ids":"a"}', JSON_TYPE, 400],
  ['nothing', '', JSON_TYPE, 400],
]
for (const [what, body, type, status] of ROWS) {
  it(`answers ${status} to ${what}`, async () => {
    await using server = await startDrs({ objects: { a: { size: 1 } } })
    const answer = await fetch(`${server.baseUrl}/objects`, { method: 'POST', headers: { 'content-type': type }, body })
    expect([answer.status, await answer.json()]).toEqual([
      status,
      status === 200 ? expect.objectContaining({ resolved_drs_object: [expect.objectContaining({ id: 'a' })] }) : expect.anything(),
    ])
    expect(server.breaches).toEqual([])
  })
}
