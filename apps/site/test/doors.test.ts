import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { startSite } from '../src/site.ts'
import { shell, startTestSite, TOKEN } from './start-site.ts'

const API = '/ga4gh/tes/v1'
const task = JSON.stringify({ executors: [shell('true')] })
const json = { 'Content-Type': 'application/json' }

describe('a site with a token', () => {
  it('answers requests with it, as bearer or as basic password, and no others', async () => {
    await using test = await startTestSite()
    const status = async (path: string, authorization?: string) =>
      (await fetch(test.site.url + path, { headers: authorization === undefined ? {} : { Authorization: authorization } })).status
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    expect(await status(`${API}/tasks`, `Bearer ${TOKEN}`)).toBe(200)
    expect(await status(`${API}/tasks`, basic(`anybody:${TOKEN}`))).toBe(200)
    expect(await status(`${API}/tasks`)).toBe(401)
    expect(await status(`${API}/service-info`)).toBe(401)
    expect(await status(`${API}/tasks`, `Bearer ${makeSecret('wrong')}`)).toBe(401)
    expect(await status(`${API}/tasks`, basic('None:None'))).toBe(401)
    expect(await status('/elsewhere', `Bearer ${TOKEN}`)).toBe(404)
    for (const mount of ['/v1', '/ga4gh/v1', '']) expect(await status(`${mount}/tasks`, `Bearer ${TOKEN}`)).toBe(200)
  })

  it('says in service-info what it isolates, what a cancel may miss and where it stores', async () => {
    await using test = await startTestSite({ country: 'DE', name: 'Charité', slots: 3 })
    const info = await test.client.getServiceInfo()
    expect(info.description).toBe(
      'country: DE; runtime: process, images ignored; nothing is isolated, and a daemon that detaches itself may escape a cancel; 3 tasks at a time',
    )
    expect(info.storage).toEqual([test.site.dataUrl, `file://${test.folder}/files`])
    expect(info).toMatchObject({ id: 'berlin', name: 'Charité', type: { artifact: 'tes', version: '1.1.0' } })
  })

  it('drops backend parameters with a warning, and refuses strict ones', async () => {
    await using test = await startTestSite()
    const executors = [shell('true')]
    const ended = await test.run({ executors, resources: { backend_parameters: { queue: 'fast' } } })
    expect(ended.logs?.[0]?.system_logs).toEqual(['warning: this site has no backend parameter "queue": it is ignored'])
    expect(ended.resources).toEqual({})
    const strict = { backend_parameters: { queue: 'fast' }, backend_parameters_strict: true }
    await expect(test.submit({ executors, resources: strict })).rejects.toMatchObject({ code: 'bad_request' })
  })

  it('holds the answer to a create back when a test asks for it, with the task stored already', async () => {
    await using test = await startTestSite({ holdCreateMs: [60_000, 60_000] })
    const gone = new AbortController()
    const sent = test.client.createTask({ executors: [shell('true')] }, { signal: gone.signal })
    const refused = expect(sent).rejects.toMatchObject({ code: 'aborted' })
    await expect.poll(async () => (await test.client.listPage()).items.map(({ state }) => state)).toEqual(['COMPLETE'])
    gone.abort()
    await refused
  })
})

describe('an open site', () => {
  it('answers on this machine and to no foreign page', async () => {
    await using test = await startTestSite({ token: undefined })
    const post = async (headers: Record<string, string>) =>
      (await fetch(`${test.site.url}${API}/tasks`, { method: 'POST', body: task, headers })).status
    expect(await post(json)).toBe(200)
    expect(await post({ ...json, Origin: test.site.url })).toBe(200)
    expect(await post({ ...json, Origin: 'https://evil.example' })).toBe(403)
    expect(await post({ ...json, Origin: 'null' })).toBe(403)
    expect(await post({ 'Content-Type': 'text/plain' })).toBe(415)
    expect(await post({ 'Content-Type': 'application/x-www-form-urlencoded' })).toBe(415)
    const put = await fetch(`${test.site.dataUrl}x`, { method: 'PUT', body: 'x' })
    expect(put.status).toBe(401)
  })

  it('is for loopback only', async () => {
    const work = await mkdtemp(join(tmpdir(), 'portolan-open-'))
    await expect(startSite({ id: 'x', work, runner: 'process', allowRoot: true, token: undefined, host: '0.0.0.0' })).rejects.toThrow(
      '--open is for loopback only',
    )
    await rm(work, { recursive: true })
  })
})
