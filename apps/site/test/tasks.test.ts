import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shell, startTestSite, type TestSite, TOKEN } from './start-site.ts'

describe('a task as plain processes', () => {
  let test: TestSite
  beforeAll(async () => {
    test = await startTestSite()
    const data = join(test.folder, 'data')
    await mkdir(join(data, 'reads/deep'), { recursive: true })
    await writeFile(join(data, 'reads/a.fq'), 'ACGT\n')
    await writeFile(join(data, 'reads/deep/b.fq'), 'TTTT\n')
    await writeFile(join(test.folder, 'files/ref.fa'), '>ref\n')
    await writeFile(join(test.folder, 'secret'), 'secret')
    await symlink(join(test.folder, 'secret'), join(test.folder, 'files/link'))
  })
  afterAll(() => test[Symbol.asyncDispose]())
  const data = (path: string) => `${test.site.dataUrl}${path}`
  const read = (path: string) => readFile(join(test.folder, 'data', path), 'utf8')

  it('runs its executors in order, sharing volumes, with stdin, stdout, stderr, env and workdir', async () => {
    const task = await test.run({
      name: 'all of it',
      tags: { project: 'x' },
      volumes: ['/shared'],
      inputs: [{ path: '/in/text', content: 'three\nplain\nwords\n' }],
      outputs: [
        { path: '/out/sorted', url: data('results/sorted') },
        { path: '/out/err', url: data('results/err') },
      ],
      executors: [
        { image: 'any', command: ['sort'], stdin: '/in/text', stdout: '/out/sorted' },
        {
          ...shell('pwd; echo "$GREETING" > "$1"; echo oops >&2', '/shared/greeting'),
          workdir: '/new/dir',
          env: { GREETING: 'hello' },
          stderr: '/out/err',
        },
        { image: 'any', command: ['cat', '/shared/greeting', '/out/sorted'] },
      ],
    })
    expect(task.state).toBe('COMPLETE')
    const [log] = task.logs ?? []
    expect(log?.logs.map(({ exit_code }) => exit_code)).toEqual([0, 0, 0])
    expect(log?.logs[0]?.stdout).toBe('plain\nthree\nwords\n')
    expect(log?.logs[1]?.stdout).toMatch(/\/new\/dir\n$/)
    expect(log?.logs[1]?.stderr).toBe('oops\n')
    expect(log?.logs[2]?.stdout).toBe('hello\nplain\nthree\nwords\n')
    expect(log?.outputs).toEqual([
      { url: data('results/sorted'), path: '/out/sorted', size_bytes: '18' },
      { url: data('results/err'), path: '/out/err', size_bytes: '5' },
    ])
    expect(log?.metadata).toMatchObject({ site: 'berlin', runtime: 'process' })
    expect(log?.system_logs).toEqual([])
    expect(await read('results/sorted')).toBe('plain\nthree\nwords\n')
    expect(await read('results/err')).toBe('oops\n')
    expect(task.inputs?.[0]?.type).toBe('FILE')
    expect(task.outputs?.[0]?.type).toBe('FILE')
  })

  it('gets files, directories and inline content, and stores directories and patterns file by file', async () => {
    const task = await test.run({
      inputs: [
        { path: '/in/reads', url: data('reads'), type: 'DIRECTORY' },
        { path: '/in/ref.fa', url: `file://${test.folder}/files/ref.fa` },
        { path: '/in/bare.fa', url: `${test.folder}/files/ref.fa` },
        { path: '/in/empty', content: '', url: data('reads/a.fq') },
      ],
      outputs: [
        { path: '/out', url: data('tree/'), type: 'DIRECTORY' },
        { path: '/job/part-[0-9]', path_prefix: '/job', url: data('parts') },
        { path: '/job/dir', url: data('as-file') },
        { path: '/job/copy', url: `file://${test.folder}/files/new/copy` },
      ],
      executors: [
        shell(
          'cat "$1/a.fq" "$1/deep/b.fq" "$2" "$3" "$4" > "$5/all"; mkdir "$5/sub"; echo x > "$5/sub/y z"; cd "$6"; for n in 1 2 x; do echo $n > part-$n; done; mkdir dir; echo d > dir/d; echo c > copy',
          ...['/in/reads', '/in/ref.fa', '/in/bare.fa', '/in/empty', '/out', '/job'],
        ),
      ],
    })
    expect(task.state).toBe('COMPLETE')
    expect(task.logs?.[0]?.outputs.map(({ url, path, size_bytes }) => [url.replace(test.site.url, ''), path, size_bytes])).toEqual([
      ['/data/tree/all', '/out/all', '25'],
      ['/data/tree/sub/y%20z', '/out/sub/y z', '2'],
      ['/data/parts/part-1', '/job/part-1', '2'],
      ['/data/parts/part-2', '/job/part-2', '2'],
      ['/data/as-file/d', '/job/dir/d', '2'],
      [`file://${test.folder}/files/new/copy`, '/job/copy', '2'],
    ])
    expect(await read('tree/all')).toBe('ACGT\nTTTT\n>ref\n>ref\nACGT\n')
    expect(await read('tree/sub/y z')).toBe('x\n')
    expect(await readFile(join(test.folder, 'files/new/copy'), 'utf8')).toBe('c\n')
  })

  it('names its own reads of its data in the access log, as local', async () => {
    await test.run({ inputs: [{ path: '/in/a', url: data('reads/a.fq') }], executors: [shell('true')] })
    const last = (await test.accesses()).findLast(({ path }) => path === '/reads/a.fq')
    expect(last).toMatchObject({ reader: 'berlin', method: 'GET', status: 200, bytes: 5, local: true })
  })

  const ends: [title: string, task: Parameters<TestSite['run']>[0], state: string, exitCodes: number[], note: string | undefined][] = [
    ['a failing executor ends the task', { executors: [shell('exit 3'), shell('exit 0')] }, 'EXECUTOR_ERROR', [3], undefined],
    [
      'with ignore_error the next one runs and the code is kept',
      { executors: [{ ...shell('exit 4'), ignore_error: true }, shell('exit 0')] },
      'COMPLETE',
      [4, 0],
      undefined,
    ],
    [
      'a missing program is the task’s own error',
      { executors: [{ image: 'x', command: ['no-such-program'] }] },
      'EXECUTOR_ERROR',
      [127],
      undefined,
    ],
    [
      'a missing output is a warning',
      { outputs: [{ path: '/out/x', url: 'http://127.0.0.1:1/x' }], executors: [shell('true')] },
      'COMPLETE',
      [0],
      'no executor made the output /out/x',
    ],
    [
      'an output that cannot be stored is the site’s error',
      { outputs: [{ path: '/out/x', url: 's3://bucket/x' }], executors: [shell('echo > "$1"', '/out/x')] },
      'SYSTEM_ERROR',
      [0],
      's3:// is not a scheme of this site',
    ],
    [
      'an unknown scheme of an input is named',
      { inputs: [{ path: '/in/x', url: 's3://bucket/x' }], executors: [shell('true')] },
      'SYSTEM_ERROR',
      [],
      'use http, https or file',
    ],
    [
      'a file outside of the allowed folders is refused',
      { inputs: [{ path: '/in/x', url: 'file:///etc/passwd' }], executors: [shell('true')] },
      'SYSTEM_ERROR',
      [],
      '/etc/passwd is not below a folder that this site allows',
    ],
    [
      'an address of an inner network that nobody declared is refused',
      { inputs: [{ path: '/in/x', url: 'http://127.0.0.1:1/x' }], executors: [shell('true')] },
      'SYSTEM_ERROR',
      [],
      'declare it with --fetch http://127.0.0.1:1',
    ],
    [
      'stdin that nobody made is named',
      { executors: [{ image: 'x', command: ['cat'], stdin: '/in/none' }] },
      'SYSTEM_ERROR',
      [],
      'reads /in/none',
    ],
    [
      'a path of the kernel is refused',
      { inputs: [{ path: '/proc/x', content: 'x' }], executors: [shell('true')] },
      'SYSTEM_ERROR',
      [],
      '/proc/x belongs to the kernel',
    ],
    [
      'a script that mentions a declared path is warned of',
      {
        inputs: [
          { path: '/in/x', content: 'x' },
          { path: '/run.sh', content: 'cat /in/x' },
        ],
        executors: [shell('true')],
      },
      'COMPLETE',
      [0],
      'a script mentions /in/x',
    ],
  ]
  for (const [title, task, state, exitCodes, note] of ends) {
    it(title, async () => {
      const ended = await test.run(task)
      expect(ended.logs?.[0]?.system_logs?.join('\n') ?? '').toContain(note ?? '')
      expect(ended.state).toBe(state)
      expect(ended.logs?.[0]?.logs.map(({ exit_code }) => exit_code)).toEqual(exitCodes)
      expect(ended.logs?.[0]?.end_time).toBeDefined()
    })
  }

  it('may have empty texts for what it leaves unset, as several clients send them', async () => {
    const task = await test.run({ executors: [{ ...shell('cat; echo ok'), workdir: '', stdin: '', stdout: '', stderr: '' }] })
    expect([task.state, task.logs?.[0]?.logs[0]?.stdout]).toEqual(['COMPLETE', 'ok\n'])
  })

  it('keeps every variable of its env, whatever its name', async () => {
    const names = ['folder', 'in', 'out', 'err', 'name', 'program', 'script', 'child', 'code', 'own', 'stat', 'found', 'directory']
    const env = Object.fromEntries(names.map(name => [name, `its ${name}`]))
    const task = await test.run({ executors: [{ image: 'x', command: ['env'], env }] })
    expect(task.logs?.[0]?.logs[0]?.stdout?.split('\n')).toEqual(expect.arrayContaining(names.map(name => `${name}=its ${name}`)))
  })

  it('stores its outputs also after a failure', async () => {
    const task = await test.run({
      outputs: [{ path: '/out/log', url: data('failed/log') }],
      executors: [shell('echo why > "$1"; exit 9', '/out/log')],
    })
    expect(task.state).toBe('EXECUTOR_ERROR')
    expect(await read('failed/log')).toBe('why\n')
  })

  it('cannot reach files of the machine by a link, neither in an input nor in an output', async () => {
    const input = await test.run({ inputs: [{ path: '/in/x', url: `file://${test.folder}/files/link` }], executors: [shell('true')] })
    expect(input.state).toBe('SYSTEM_ERROR')
    const output = await test.run({
      outputs: [
        { path: '/out/x', url: data('leak/x') },
        { path: '/out/all', url: data('leak/all'), type: 'DIRECTORY' },
      ],
      executors: [
        shell('ln -s "$2" "$1/x"; mkdir "$1/all"; ln -s "$2" "$1/all/y"; echo ok > "$1/all/z"', '/out', join(test.folder, 'secret')),
      ],
    })
    expect(output.logs?.[0]?.outputs.map(({ path }) => path)).toEqual(['/out/all/z'])
  })

  it('sees nothing of the environment of the site', async () => {
    process.env.SECRET_OF_THE_SITE = TOKEN
    try {
      const task = await test.run({ executors: [shell('env')] })
      expect(task.logs?.[0]?.logs[0]?.stdout).toMatch(/^HOME=/m)
      expect(task.logs?.[0]?.logs[0]?.stdout).not.toContain(TOKEN)
    } finally {
      delete process.env.SECRET_OF_THE_SITE
    }
  })

  it('with more memory than it asked for is stopped', async () => {
    const task = await test.run({
      resources: { ram_gb: 0.02 },
      executors: [{ image: 'x', command: ['sh', '-c', 'head -c 60000000 /dev/zero | tail -c 50000000 | wc -c'] }],
    })
    expect(task.logs?.[0]?.logs[0]?.stdout?.trim()).toBe('0')
  })

  it('shows each view as the standard has it', async () => {
    const id = await test.submit({ inputs: [{ path: '/in/x', content: 'secret' }], executors: [shell('echo out')] })
    await test.client.waitForTask(id)
    const get = async (view: string) => {
      const answer = await fetch(`${test.site.url}/ga4gh/tes/v1/tasks/${id}?view=${view}`, {
        headers: { Authorization: `Bearer ${TOKEN}` },
      })
      return await answer.text()
    }
    expect(JSON.parse(await get('MINIMAL'))).toEqual({ id, state: 'COMPLETE' })
    const basic = await get('BASIC')
    expect(basic).not.toMatch(/secret|system_logs|"stdout"|null/)
    expect(await get('FULL')).toMatch(/secret/)
  })
})
