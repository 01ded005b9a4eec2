/**
 * A broker that is killed while it measures what a task has left: the task ends once, with the same outputs, and they never change.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeSite } from '@portolan/tes/testing'
import { expect, it, vi } from 'vitest'
import { until } from '../harness/until.ts'
import { makeSecret } from '../leaks/secrets.ts'
import { startS3 } from '../s3/stand-in.ts'
import { openFederation, TEST_TIMEOUT_MS } from './fake-federation.ts'

vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })

const KEY = { accessKey: makeSecret('measuring-access'), secretKey: makeSecret('measuring-secret'), reader: 'broker' }

it('a broker that was killed while it measures shows no end before, and measures anew when it is back', async () => {
  await using stack = new AsyncDisposableStack()
  const secrets = await mkdtemp(join(tmpdir(), 'portolan-keys-'))
  stack.defer(() => rm(secrets, { recursive: true, force: true }))
  await writeFile(join(secrets, 'access'), KEY.accessKey)
  await writeFile(join(secrets, 'secret'), KEY.secretKey)
  const s3 = stack.use(await startS3({ buckets: ['results'], keys: [KEY] }))
  const site = stack.use(await createFakeSite({ progress: 'manual' }))
  const results = {
    id: 'results',
    country: 'DE',
    kind: 's3',
    endpoint: s3.origin,
    credential: { kind: 's3', accessKeyRef: `file:${join(secrets, 'access')}`, secretKeyRef: `file:${join(secrets, 'secret')}` },
    prefixes: [{ url: 's3://results/', sensitivity: 'public', outputs: true }],
  }
  const federation = stack.use(await openFederation({ berlin: site }, { locations: [results] }))
  await federation.spawn()
  const id = await federation.submit({ outputs: [{ url: 's3://results/one', path: '/out', type: 'DIRECTORY' }] })
  await until('the site has it', () => site.tasks.size === 1)
  await s3.bucket('results').put('one/a.txt', 'a result')
  await s3.bucket('results').put('one/b/c.txt', 'another')
  s3.faults.add({ kind: 'hold' }, { operation: 'ListObjectsV2' })
  s3.mostAtOnce = 0
  site.advance(3)
  await until('the store is asked for what is there', () => s3.mostAtOnce > 0)
  expect((await federation.client.getTask(id)).state).not.toBe('COMPLETE')
  await federation.kill('SIGKILL')

  s3.faults.clear()
  await federation.start()
  await federation.reach(id, 'COMPLETE')
  const outputs = async (): Promise<unknown> => (await (await fetch(`${federation.url}/portolan/v1/tasks/${id}/outputs`)).json()).outputs
  const left = await outputs()
  expect(left).toMatchObject([
    { number: 0, url: 's3://results/one/a.txt', path: '/out/a.txt', bytes: 8, location: 'results' },
    { number: 1, url: 's3://results/one/b/c.txt', path: '/out/b/c.txt', bytes: 7, location: 'results' },
  ])
  await s3.bucket('results').put('one/d.txt', 'too late')
  await federation.stop()
  await federation.start()
  expect(await outputs()).toEqual(left)
  await federation.stop()
  expect(await federation.attempts(id)).toMatchObject([{ number: 1, state: 'TERMINAL' }])
})
