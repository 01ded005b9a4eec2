import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startFederation } from '../../../test/harness/federation.ts'
import { fakeSite } from '../../../test/harness/sites.ts'
import { until } from '../../../test/harness/until.ts'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { startS3 } from '../../../test/s3/stand-in.ts'
import { runHere } from './portolan.ts'
import { makeFolder } from './temporary.ts'

const KEY = { accessKey: makeSecret('get-access'), secretKey: makeSecret('get-secret'), reader: 'broker' }

describe('outputs get, at a broker with a bucket', () => {
  it.each(['direct', 'relay'])('fetches and checks what a task has left there (%s)', async delivery => {
    await using folder = await makeFolder()
    await using s3 = await startS3({ buckets: ['results'], keys: [KEY] })
    await using federation = await startFederation({
      sites: [fakeSite('berlin', {}, { progress: 'manual' })],
      locations: [
        {
          id: 'results',
          country: 'DE',
          kind: 's3',
          endpoint: s3.origin,
          delivery,
          credential: { kind: 's3', accessKeyRef: 'env:ACCESS', secretKeyRef: 'env:SECRET' },
          prefixes: [{ url: 's3://results/', sensitivity: 'public', outputs: true }],
        },
      ],
      env: { ACCESS: KEY.accessKey, SECRET: KEY.secretKey },
    })
    const id = await federation.submit({
      outputs: [
        { url: 's3://results/one/report.txt', path: '/out/report.txt' },
        { url: 's3://results/one/tables', path: '/out/tables', type: 'DIRECTORY' },
      ],
    })
    await until('the site has it', () => federation.fake('berlin').tasks.size === 1)
    await s3.bucket('results').put('one/report.txt', 'the report')
    await s3.bucket('results').put('one/tables/a b.tsv', '1\t2')
    federation.fake('berlin').advance(3)
    await until('its end', async () => (await federation.full(id)).state === 'COMPLETE')

    const url = ['--url', federation.url()]
    const listed = await runHere(['outputs', 'ls', id, ...url])
    expect([listed.code, listed.stderr]).toEqual([0, ''])
    expect(listed.stdout).toContain(delivery === 'direct' ? 'a link' : 'the bytes')
    const got = await runHere(['outputs', 'get', id, '--to', folder.path, ...url])
    expect([got.code, got.stderr]).toEqual([0, ''])
    expect(got.stdout).toMatch(/^report\.txt {2}10 B, [\w-]+ is right$/m)
    expect(await readFile(join(folder.path, 'report.txt'), 'utf8')).toBe('the report')
    expect(await readFile(join(folder.path, 'tables/a b.tsv'), 'utf8')).toBe('1\t2')
  })
})
