import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve } from './serve.ts'
import { shell, startTestSite, type TestSite } from './start-site.ts'

describe('outputs of which some cannot be stored', () => {
  let test: TestSite
  beforeAll(async () => {
    test = await startTestSite()
    await mkdir(join(test.folder, 'data/taken/b'), { recursive: true })
    await writeFile(join(test.folder, 'data/file'), 'kept')
  })
  afterAll(() => test[Symbol.asyncDispose]())
  const data = (path: string) => `${test.site.dataUrl}${path}`
  const outputs = () => [
    { path: '/out/a', url: 's3://bucket/a' },
    { path: '/out', url: data('taken'), type: 'DIRECTORY' as const },
    { path: '/out/c', url: data('file/below') },
    { path: '/out/d', url: data('last') },
  ]
  const make = 'cd "$1"; for n in a b c d; do echo $n > $n; done'

  it('leave the others stored, and all that were not are named', async () => {
    const task = await test.run({ outputs: outputs(), executors: [shell(make, '/out')] })
    const [log] = task.logs ?? []
    expect(task.state).toBe('SYSTEM_ERROR')
    expect(log?.outputs.map(({ url }) => url.replace(test.site.url, ''))).toEqual([
      '/data/taken/a',
      '/data/taken/c',
      '/data/taken/d',
      '/data/last',
    ])
    expect(log?.system_logs).toEqual([
      expect.stringMatching(/^error: the output \/out\/a: s3:\/\/ is not a scheme/),
      expect.stringMatching(/^error: the output \/out \(\/out\/b\): .* a directory or another file is in its way/),
      expect.stringMatching(/^error: the output \/out\/c: .* a directory or another file is in its way/),
    ])
    expect(await readFile(join(test.folder, 'data/last'), 'utf8')).toBe('d\n')
  })

  it('are remarks where an executor failed', async () => {
    const task = await test.run({ outputs: outputs(), executors: [shell(`${make}; exit 3`, '/out')] })
    expect(task.state).toBe('EXECUTOR_ERROR')
    expect(task.logs?.[0]?.outputs).toHaveLength(4)
    expect(task.logs?.[0]?.system_logs?.map(line => line.slice(0, 20))).toEqual(Array(3).fill('warning: not stored:'))
  })

  it('cost a bounded number of tries for each output', async () => {
    const paths = new Set<string | undefined>()
    await using server = await serve((request, response) => {
      paths.add(request.url)
      request.resume()
      response.writeHead(403).end()
    })
    await using other = await startTestSite({ fetch: { [server.origin]: undefined } })
    const task = await other.run({
      outputs: [
        { path: '/out', url: server.origin, type: 'DIRECTORY' },
        { path: '/out/1', url: `${other.site.dataUrl}one` },
      ],
      executors: [shell('cd "$1"; for n in $(seq 20); do : > $n; done', '/out')],
    })
    expect(task.state).toBe('SYSTEM_ERROR')
    expect(paths.size).toBe(10)
    expect(task.logs?.[0]?.outputs.map(({ path }) => path)).toEqual(['/out/1'])
    expect(task.logs?.[0]?.system_logs?.at(-1)).toBe(
      'error: the output /out: 10 of its files could not be stored, so the 10 after them were not tried',
    )
  })
})

describe('what a directory or a pattern leaves out', () => {
  it('is named, with its reason', async () => {
    await using test = await startTestSite()
    const task = await test.run({
      outputs: [
        { path: '/out', url: `${test.site.dataUrl}all`, type: 'DIRECTORY' },
        { path: '/out/p*', path_prefix: '/out', url: `${test.site.dataUrl}some` },
      ],
      executors: [shell('cd "$1"; echo ok > f; ln -s f g; ln -s /etc/passwd p; ln -s . loop; mkfifo pipe', '/out')],
    })
    expect(task.state).toBe('COMPLETE')
    expect(task.logs?.[0]?.outputs.map(({ path }) => path)).toEqual(['/out/f', '/out/g'])
    const passwd = '/out/p (a link to nothing below a declared path)'
    const pipe = '/out/pipe (neither a file nor a directory)'
    expect(task.logs?.[0]?.system_logs).toEqual([
      `warning: not stored of the output /out: /out/loop (a link to a directory around it), ${passwd}, ${pipe}`,
      `warning: not stored of the output /out/p*: ${passwd}, ${pipe}`,
    ])
  })

  it('is named only in part where it is much', async () => {
    await using test = await startTestSite()
    const task = await test.run({
      outputs: [{ path: '/out', url: `${test.site.dataUrl}all`, type: 'DIRECTORY' }],
      executors: [shell('cd "$1"; for n in $(seq 10 22); do ln -s /none $n; done', '/out')],
    })
    expect(task.logs?.[0]?.system_logs?.join()).toMatch(/\/out\/19 \([^)]*\) and 3 more$/)
  })
})
