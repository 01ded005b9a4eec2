import { describe, expect, it } from 'vitest'
import { checkTask, countBytes, defineTask, parseTask, type TesTask } from './index.ts'

const EXECUTOR = { image: 'alpine:3', command: ['true'] }
const task = (change: Partial<TesTask>): TesTask => ({ executors: [EXECUTOR], ...change })
const executor = (change: Partial<TesTask['executors'][number]>): TesTask => ({ executors: [{ ...EXECUTOR, ...change }] })

/** [the sentence, the task, the fields that are named] */
const ROWS: [string, TesTask, string[]][] = [
  ['one executor is enough', task({}), []],
  ['no executor', task({ executors: [] }), ['executors']],
  ['an empty command', executor({ command: [] }), ['executors[0].command']],
  ['an empty program', executor({ command: [''] }), ['executors[0].command[0]']],
  ['a NUL in an argument', executor({ command: ['a', 'b\0'] }), ['executors[0].command[1]']],
  ['empty arguments after the program are fine', executor({ command: ['printf', ''] }), []],
  ['an empty image', executor({ image: '' }), ['executors[0].image']],
  ['a blank image', executor({ image: '  ' }), ['executors[0].image']],
  ['an image with a blank', executor({ image: '--hostname x localhost/busybox' }), ['executors[0].image']],
  ['an image with a quote', executor({ image: 'a"b' }), ['executors[0].image']],
  ['an image with a control character', executor({ image: 'a\u0007b' }), ['executors[0].image']],
  ['an image that would be an option', executor({ image: '--privileged' }), ['executors[0].image']],
  ['an image with registry, port, tag and digest', executor({ image: `host:5000/a/b:1@sha256:${'0'.repeat(64)}` }), []],
  ['a relative workdir', executor({ workdir: 'work' }), ['executors[0].workdir']],
  ['a workdir with a blank', executor({ workdir: '/tmp --hostname x' }), ['executors[0].workdir']],
  ['a workdir with a quote', executor({ workdir: '/tmp"x' }), ['executors[0].workdir']],
  ['a workdir with a control character', executor({ workdir: '/tmp\u0001' }), ['executors[0].workdir']],
  ['a workdir that begins with "-"', executor({ workdir: '-v' }), ['executors[0].workdir']],
  ['a workdir that was left empty', executor({ workdir: '', stdin: '', stdout: '', stderr: '' }), []],
  [
    'relative standard streams',
    executor({ stdin: 'a', stdout: 'b', stderr: 'c' }),
    ['executors[0].stdin', 'executors[0].stdout', 'executors[0].stderr'],
  ],
  ['a variable without a name', executor({ env: { '': 'x' } }), ['executors[0].env[""]']],
  ['a variable whose name holds "="', executor({ env: { 'a=b': 'x' } }), ['executors[0].env["a=b"]']],
  ['a variable whose value holds a line break', executor({ env: { A: 'x\ny' } }), []],
  ['an input with a url', task({ inputs: [{ path: '/a b.txt', url: 's3://bucket/key' }] }), []],
  ['a bare absolute path as url', task({ inputs: [{ path: '/a', url: '/data/work/a' }] }), []],
  ['content instead of a url', task({ inputs: [{ path: '/a', content: 'x' }] }), []],
  ['content wins over whatever the url says', task({ inputs: [{ path: '/a', content: 'x', url: 'nonsense' }] }), []],
  ['neither url nor content', task({ inputs: [{ path: '/a' }] }), ['inputs[0].url']],
  ['empty content counts as none', task({ inputs: [{ path: '/a', content: '' }] }), ['inputs[0].url']],
  ['a relative input path', task({ inputs: [{ path: 'a', url: 's3://b/c' }] }), ['inputs[0].path']],
  ['an input path that climbs', task({ inputs: [{ path: '/a/../etc/passwd', url: 's3://b/c' }] }), ['inputs[0].path']],
  ['a file name that holds dots', task({ inputs: [{ path: '/a/..b/c..', url: 's3://b/c' }] }), []],
  ['a url without a scheme', task({ inputs: [{ path: '/a', url: 'bucket/key' }] }), ['inputs[0].url']],
  ["a workflow engine's placeholder", task({ inputs: [{ path: '/a', url: '_:5f1d' }] }), ['inputs[0].url']],
  ['an output without a url', task({ outputs: [{ path: '/a', url: '' }] }), ['outputs[0].url']],
  ['wildcards without a prefix', task({ outputs: [{ path: '/out/*.bam', url: 's3://b/' }] }), ['outputs[0].path_prefix']],
  ['wildcards with a prefix', task({ outputs: [{ path: '/out/*.bam', path_prefix: '/out', url: 's3://b/' }] }), []],
  [
    'wildcards with a prefix of another path',
    task({ outputs: [{ path: '/out/*.bam', path_prefix: '/in', url: 's3://b/' }] }),
    ['outputs[0].path_prefix'],
  ],
  [
    'a prefix that holds the wildcard',
    task({ outputs: [{ path: '/o*/x', path_prefix: '/o*', url: 's3://b/' }] }),
    ['outputs[0].path_prefix'],
  ],
  ['an escaped star is no wildcard', task({ outputs: [{ path: '/out/\\*', url: 's3://b/' }] }), []],
  ['a prefix without wildcards is ignored', task({ outputs: [{ path: '/out/a', path_prefix: 'x', url: 's3://b/' }] }), []],
  ['a relative volume, and the root as one', task({ volumes: ['vol', '/'] }), ['volumes[0]', 'volumes[1]']],
  [
    'negative resources',
    task({ resources: { cpu_cores: -1, ram_gb: -0.5, disk_gb: -2 } }),
    ['resources.cpu_cores', 'resources.ram_gb', 'resources.disk_gb'],
  ],
  [
    'resources that no machine has',
    task({ resources: { cpu_cores: 1_000_001, ram_gb: 1e300, disk_gb: 1e300 } }),
    ['resources.cpu_cores', 'resources.ram_gb', 'resources.disk_gb'],
  ],
  ['the most resources that count', task({ resources: { cpu_cores: 1_000_000, ram_gb: 1e9, disk_gb: 1e9 } }), []],
  ['fields that only a server sets', task({ id: '', state: 'UNKNOWN', logs: [], creation_time: 'never' }), []],
  ['a tag with an empty key', task({ tags: { '': 'x' } }), ['tags']],
  ['an empty tag value', task({ tags: { a: '' } }), []],
]

describe('checkTask', () => {
  it.each(ROWS)('%s', (_sentence, given, fields) => {
    const problems = checkTask(given)
    expect(problems.map(problem => problem.path)).toEqual(fields)
    expect(problems.every(problem => problem.message !== '' && problem.fix !== '')).toBe(true)
  })

  it('holds content against its limit in bytes, not in characters', () => {
    const given = task({ inputs: [{ path: '/a', content: 'ä'.repeat(6) }] })
    expect(checkTask(given, { contentBytes: 12 })).toEqual([])
    expect(checkTask(given, { contentBytes: 11 }).map(problem => problem.path)).toEqual(['inputs[0].content'])
  })

  it('holds counts against their limits', () => {
    const given = task({ tags: { a: '', b: '' }, inputs: Array.from({ length: 3 }, () => ({ path: '/a', url: '/a' })) })
    expect(checkTask(given, { tags: 1, inputs: 2, executors: 0 }).map(problem => problem.path)).toEqual(['executors', 'inputs', 'tags'])
  })

  it('bounds the variables of all executors together, and the volumes', () => {
    const env = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`V${at}`, '']))
    const executor = { image: 'a', command: ['b'] }
    const volumes = Array.from({ length: 1_000 }, (_, at) => `/v/${at}`)
    const [first, second] = [
      { ...executor, env },
      { ...executor, env },
    ]
    expect(checkTask({ executors: [first, second], volumes })).toEqual([])
    const problems = checkTask({ executors: [first, second, { ...executor, env: { A: '' } }], volumes: [...volumes, '/w'] })
    expect(problems.map(problem => problem.path)).toEqual(['executors', 'volumes'])
  })

  it('takes bare names of outputs where the server finds a place for them, and nothing else that has none', () => {
    const outputs = ['report.html', 'plots/all/', 's3://b/x', '', '_:1', 'a\u0000b'].map(url => ({ path: '/o', url }))
    const given = task({ outputs, inputs: [{ path: '/i', url: 'report.html' }] })
    expect(checkTask(given, { outputNames: true }).map(problem => problem.path)).toEqual([
      'inputs[0].url',
      'outputs[3].url',
      'outputs[4].url',
      'outputs[5].url',
    ])
    expect(checkTask(given).map(problem => problem.path)).toContain('outputs[0].url')
  })

  it('names at most a hundred problems', () => {
    expect(checkTask(task({ volumes: Array.from({ length: 5_000 }, () => 'x') }))).toHaveLength(100)
  })
})

it('counts bytes as UTF-8 does', () => {
  for (const text of ['', 'abc', 'ä', '€uro', '𝄞', 'a\ud800b', '\udc00'])
    expect(countBytes(text)).toBe(new TextEncoder().encode(text).length)
})

describe('parseTask', () => {
  it('drops nulls and unknown keys, as engines send them', () => {
    const given = {
      id: null,
      tags: { parent_workflow_id: null, a: 'b' },
      inputs: null,
      executors: [{ ...EXECUTOR, stdin: null, extra: 1 }],
    }
    expect(parseTask(given)).toEqual({ task: { tags: { a: 'b' }, executors: [EXECUTOR] }, problems: [] })
  })

  it.each([
    ['a missing executor list', {}, ['executors']],
    ['a command as text', { executors: [{ image: 'a', command: 'true' }] }, ['executors[0].command']],
    ['a null argument', { executors: [{ image: 'a', command: ['a', null] }] }, ['executors[0].command[1]']],
    ['a number as tag', { executors: [EXECUTOR], tags: { 'a b': 1 } }, ['tags["a b"]']],
    ['an unknown file type', { executors: [EXECUTOR], inputs: [{ path: '/a', url: '/b', type: 'LINK' }] }, ['inputs[0].type']],
    ['text instead of a task', 'task', ['']],
  ])('names the field of %s', (_sentence, given, fields) => {
    expect(parseTask(given).problems.map(problem => problem.path)).toEqual(fields)
  })

  it('tells a field that is missing from one of the wrong type', () => {
    const hopeless = { executors: [], inputs: Array.from({ length: 400_000 }, () => ({})) }
    expect(parseTask(hopeless).problems[0]).toMatchObject({ path: '', message: expect.stringContaining('more faults') })
    expect(parseTask({ executors: [{ image: 7 }] }).problems).toEqual([
      { path: 'executors[0].image', message: 'The field has the wrong type', fix: 'Write it as string.' },
      { path: 'executors[0].command', message: 'The field is missing', fix: 'Give it, as array.' },
    ])
  })
})

describe('defineTask', () => {
  it('turns one image and command into the one executor, and maps into files', () => {
    expect(
      defineTask({
        image: 'alpine',
        command: ['true'],
        env: { A: 'b' },
        inputs: { '/in': 's3://b/in' },
        outputs: { '/out': '/data/out' },
        tags: { a: 'b' },
      }),
    ).toEqual({
      inputs: [{ path: '/in', url: 's3://b/in' }],
      outputs: [{ path: '/out', url: '/data/out' }],
      executors: [{ image: 'alpine', command: ['true'], env: { A: 'b' } }],
      tags: { a: 'b' },
    })
  })
  it('takes several executors', () => {
    expect(defineTask({ name: 'two', executors: [EXECUTOR, EXECUTOR] })).toEqual({ name: 'two', executors: [EXECUTOR, EXECUTOR] })
  })
  it('refuses what checkTask refuses, with all problems', () => {
    expect(() => defineTask({ image: '', command: [] })).toThrow(
      expect.objectContaining({
        code: 'bad_request',
        delivery: 'not_sent',
        problems: [expect.objectContaining({ path: 'executors[0].image' }), expect.objectContaining({ path: 'executors[0].command' })],
      }),
    )
  })
})
