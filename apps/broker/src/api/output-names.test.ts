import type { ProjectId } from '@portolan/federation'
import { ErrorBody } from '@portolan/ga4gh'
import { describe, expect, it } from 'vitest'
import { call } from '../../test/call.ts'
import { type RunningApi, startApi } from '../../test/start-api.ts'

const executors = [{ image: 'alpine:3', command: ['true'] }]
const start = (results?: string): Promise<RunningApi> =>
  startApi({
    projects: [{ project: { id: 'local' as ProjectId }, name: 'Local', members: [], visibility: 'owner', ...(results && { results }) }],
  })
const post = (api: RunningApi, outputs: readonly object[], more: { readonly path?: string; readonly key?: string } = {}) =>
  call(api.port, {
    method: 'POST',
    path: more.path ?? '/ga4gh/tes/v1/tasks',
    body: JSON.stringify({ executors, outputs }),
    headers: more.key === undefined ? {} : { 'idempotency-key': more.key },
  })
const see = async (api: RunningApi, id: string) => JSON.parse((await call(api.port, { path: `/ga4gh/tes/v1/tasks/${id}?view=FULL` })).text)

describe('an output that is named without a place', () => {
  it('goes to a folder of the task in the results of the project, and the task says so', async () => {
    await using api = await start('s3://results/lab/')
    const { id } = JSON.parse(
      (
        await post(api, [
          { path: '/out/a', url: 'a.txt' },
          { path: '/out/b', url: 's3://mine/b' },
        ])
      ).text,
    )
    const task = await see(api, id)
    expect(task.outputs.map((output: { url: string }) => output.url)).toEqual([`s3://results/lab/${id}/a.txt`, 's3://mine/b'])
    expect(task.logs[0].system_logs).toContain(`Outputs that are but named go below s3://results/lab/${id}/: a.txt`)
  })

  it('is the same create for the same key, and another one for another name', async () => {
    await using api = await start('s3://results/lab/')
    const first = await post(api, [{ path: '/out/a', url: 'a.txt' }], { key: 'k' })
    expect((await post(api, [{ path: '/out/a', url: 'a.txt' }], { key: 'k' })).text).toBe(first.text)
    expect((await post(api, [{ path: '/out/a', url: 'b.txt' }], { key: 'k' })).status).toBe(422)
  })

  it.each(['/ga4gh/tes/v1/tasks', '/portolan/v1/placements'])('is refused by %s where the project has no results', async path => {
    await using api = await start()
    const refused = await post(
      api,
      [
        { path: '/out/b', url: 's3://mine/b' },
        { path: '/out/a', url: 'a.txt' },
      ],
      { path },
    )
    expect([refused.status, ErrorBody.parse(JSON.parse(refused.text))]).toMatchObject([
      400,
      {
        type: 'urn:portolan:error:no-results',
        problems: [{ path: 'outputs[1].url', message: 'The output "a.txt" is but a name, and the project local declares no results' }],
      },
    ])
  })

  it('is refused where it would climb out of its folder', async () => {
    await using api = await start('s3://results/lab/')
    const refused = await post(api, [{ path: '/out/a', url: '../other/a.txt' }])
    expect([refused.status, ErrorBody.parse(JSON.parse(refused.text))]).toMatchObject([
      400,
      { type: 'urn:portolan:error:bad-output-name', problems: [{ path: 'outputs[0].url' }] },
    ])
  })

  it('is decided about in a dry run as it would be stored', async () => {
    await using api = await start('s3://results/lab/')
    expect((await post(api, [{ path: '/out/a', url: 'a.txt' }], { path: '/portolan/v1/placements' })).status).toBe(200)
  })
})
