/**
 * What a person reads when a part of the staging cannot be done: a sentence that names the input or output and the fix, never a bare code of the
 * system and never a path of the machine that the task did not name.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TesTask } from '@portolan/tes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shell, startTestSite, type TestSite } from './start-site.ts'

const LONG = 'n'.repeat(300)

describe('what cannot be staged', () => {
  let test: TestSite
  beforeAll(async () => {
    test = await startTestSite({ fetch: { 'http://127.0.0.1:1': undefined } })
    await mkdir(join(test.folder, 'files/directory'), { recursive: true })
    await writeFile(join(test.folder, 'files/file'), 'x')
    await writeFile(join(test.folder, 'data/taken'), 'x')
    execFileSync('mkfifo', [join(test.folder, 'files/pipe'), join(test.folder, 'data/pipe')])
  })
  afterAll(() => test[Symbol.asyncDispose]())

  type Rows = [what: string, task: (at: { data: string; files: string; origin: string }) => Partial<TesTask>, said: RegExp][]
  const made = [shell('echo x > "$1"', '/out/x')]
  const rows: Rows = [
    [
      'an input with a name that is too long',
      () => ({ inputs: [{ path: `/in/${LONG}`, content: 'x' }] }),
      /the input \/in\/n+: .* longer than .*: use a shorter one/,
    ],
    [
      'a directory of inputs with a name that is too long',
      () => ({ inputs: [{ path: `/${LONG}/x`, content: 'x' }] }),
      /the input \/n+\/x: .* use a shorter one/,
    ],
    [
      'an input below another that is a file',
      () => ({
        inputs: [
          { path: '/in/x', content: 'x' },
          { path: '/in/x/y', content: 'y' },
        ],
      }),
      /the input \/in\/x\/y: a file lies where its path needs a directory: use/,
    ],
    [
      'two inputs with one path',
      () => ({
        inputs: [
          { path: '/in/x', content: 'x' },
          { path: '/in/x', content: 'y' },
        ],
      }),
      /the input \/in\/x: another input has this path.*: give each/,
    ],
    [
      'a file that is not there',
      ({ files }) => ({ inputs: [{ path: '/in/x', url: `file://${files}/none` }] }),
      /the input \/in\/x: \S+\/none: there is no such file: check the path/,
    ],
    [
      'a file whose name is too long',
      ({ files }) => ({ inputs: [{ path: '/in/x', url: `file://${files}/${LONG}` }] }),
      /the input \/in\/x: .* use a shorter one/,
    ],
    [
      'a path through a file',
      ({ files }) => ({ inputs: [{ path: '/in/x', url: `file://${files}/file/x` }] }),
      /the input \/in\/x: .*a file lies where its path needs a directory/,
    ],
    [
      'a file URL with an escaped slash',
      ({ files }) => ({ inputs: [{ path: '/in/x', url: `file://${files}%2ffile` }] }),
      /the input \/in\/x: .* without an escaped slash/,
    ],
    [
      'a pipe, which has no end',
      ({ files }) => ({ inputs: [{ path: '/in/x', url: `file://${files}/pipe` }] }),
      /the input \/in\/x: it is neither a file nor a directory: give/,
    ],
    [
      'a pipe of the data folder',
      ({ data }) => ({ inputs: [{ path: '/in/x', url: `${data}pipe` }] }),
      /the input \/in\/x: it is neither a file nor a directory: give/,
    ],
    [
      'a directory that is declared a file',
      ({ files }) => ({ inputs: [{ path: '/in/x', url: `${files}/directory`, type: 'FILE' }] }),
      /the input \/in\/x: it is a directory: declare its type as DIRECTORY/,
    ],
    [
      'a server that does not listen',
      () => ({ inputs: [{ path: '/in/x', url: 'http://127.0.0.1:1/x' }] }),
      /the input \/in\/x: GET http:\/\/127.0.0.1:1\/x: no server listens there: check host and port/,
    ],
    [
      'an address of the site with an escaped climb',
      ({ data }) => ({ inputs: [{ path: '/in/x', url: `${data}%2e%2e/secret` }] }),
      /the input \/in\/x: this address of the site's own .*: write http\S+\/data\/PATH, .* escaped or not/,
    ],
    [
      'an address of the site with a climb and escaped slashes',
      ({ data }) => ({ inputs: [{ path: '/in/x', url: `${data}a%2f..%2f..%2fsecret` }] }),
      /the input \/in\/x: this address of the site's own .*: write http/,
    ],
    [
      'an address of the site with a broken escape',
      ({ data }) => ({ inputs: [{ path: '/in/x', url: `${data}100%` }] }),
      /the input \/in\/x: this address of the site's own .* as %25/,
    ],
    [
      'an address of the site outside of its data',
      ({ origin }) => ({ inputs: [{ path: '/in/x', url: `${origin}/ga4gh/tes/v1/tasks` }] }),
      /the input \/in\/x: this address of the site's own/,
    ],
    [
      'a file of the site that is not there',
      ({ data }) => ({ inputs: [{ path: '/in/x', url: `${data}none` }] }),
      /the input \/in\/x: \/none is not in this site's data folder: check/,
    ],
    [
      'an output below a file',
      ({ files }) => ({ outputs: [{ path: '/out/x', url: `${files}/file/x` }], executors: made }),
      /the output \/out\/x: a file lies where its path needs a directory/,
    ],
    [
      'an output in the place of a directory',
      ({ files }) => ({ outputs: [{ path: '/out/x', url: `file://${files}/directory` }], executors: made }),
      /the output \/out\/x: a directory lies where the file should be: use/,
    ],
    [
      'an output in the place of a pipe',
      ({ files }) => ({ outputs: [{ path: '/out/x', url: `file://${files}/pipe` }], executors: made }),
      /the output \/out\/x: .*\/pipe is neither a file nor a directory: use/,
    ],
    [
      'an output with a name that is too long',
      ({ files }) => ({ outputs: [{ path: '/out/x', url: `${files}/${LONG}` }], executors: made }),
      /the output \/out\/x: .* use a shorter one/,
    ],
    [
      'the same in the data folder',
      ({ data }) => ({ outputs: [{ path: '/out/x', url: `${data}${LONG}` }], executors: made }),
      /the output \/out\/x: .* use a shorter one/,
    ],
    [
      'an output at an address with an escaped climb',
      ({ data }) => ({ outputs: [{ path: '/out/x', url: `${data}%2e%2e%2fx` }], executors: made }),
      /the output \/out\/x: this address of the site's own .*: write http/,
    ],
    [
      'an output of a pattern, with the file that it is about',
      () => ({ outputs: [{ path: '/out/*', path_prefix: '/out', url: 'http://127.0.0.1:1/x' }], executors: made }),
      /the output \/out\/\* \(\/out\/x\): PUT http:\/\/127.0.0.1:1\/x\/x: no server listens/,
    ],
    [
      'a volume below an input that is a file',
      () => ({ inputs: [{ path: '/in/x', content: 'x' }], volumes: ['/in/x/y'] }),
      /the task writes to \/in\/x\/y, but the input \/in\/x is a file: use another path/,
    ],
    [
      'standard output with a name that is too long',
      () => ({ executors: [{ image: 'x', command: ['true'], stdout: `/out/${LONG}` }] }),
      /what executor 0 wrote for \/out\/n+: .* use a shorter one/,
    ],
    [
      'a working directory below a file',
      () => ({ inputs: [{ path: '/in/x', content: 'x' }], executors: [{ image: 'x', command: ['true'], workdir: '/in/x/y' }] }),
      /executor 0 in \/in\/x\/y: a file lies where its path needs a directory/,
    ],
    [
      'a command that is too long',
      () => ({ executors: [{ image: 'x', command: ['echo', 'x'.repeat(200_000)] }] }),
      /executor 0: .* longer than this machine takes: put long texts into an input file/,
    ],
  ]
  for (const [what, task, said] of rows) {
    it(`is said in a sentence: ${what}`, async () => {
      const at = { data: test.site.dataUrl ?? '', files: join(test.folder, 'files'), origin: test.site.url }
      const ended = await test.run({ executors: [shell('true')], ...task(at) })
      const notes = ended.logs?.[0]?.system_logs?.join('\n') ?? ''
      expect(notes).toMatch(said)
      expect(notes).not.toMatch(/\bE[A-Z]{3,}\b|\/work\/tasks\//)
      expect(ended.state).toBe('SYSTEM_ERROR')
    })
  }
})

describe('a link to a place outside of a task', () => {
  it('leads nowhere, whether a pattern, a file or a directory is to be stored, and by whichever kind of link', async () => {
    await using test = await startTestSite()
    const outside = join(test.folder, 'outside')
    await mkdir(join(outside, 'deep'), { recursive: true })
    await writeFile(join(outside, 'secret'), 'secret')
    await writeFile(join(outside, 'deep/secret'), 'secret')
    await symlink(outside, join(test.folder, 'data/link'))
    const stored = (name: string) => `${test.site.dataUrl}stored/${name}`
    const climb = '../../../../../../../../../../../../../..'
    const task = await test.run({
      inputs: [{ path: '/in/own', content: 'own' }],
      outputs: [
        { path: '/out/*/secret', path_prefix: '/out', url: stored('pattern') },
        { path: '/out/*/*/secret', path_prefix: '/out', url: stored('deep-pattern') },
        { path: '/out/l*', path_prefix: '/out', url: stored('links') },
        { path: '/out/link/secret', url: stored('file') },
        { path: '/out/link', url: stored('directory'), type: 'DIRECTORY' },
        { path: '/out/relative', url: stored('relative'), type: 'DIRECTORY' },
        { path: '/out', url: stored('all'), type: 'DIRECTORY' },
        { path: '/linked/secret', url: stored('swapped') },
        { path: '/linked/s*', path_prefix: '/linked', url: stored('swapped-pattern') },
      ],
      executors: [
        shell(
          'cd "$1"; echo mine > mine; ln -s "$2" link; ln -s "$3$2" relative; ln -s link chained; mkdir dir; ln -s "$2" dir/link; ln -s "$2/secret" lsecret; ln -s /proc/self/cwd lproc; rmdir "$4"; ln -s "$2" "$4"',
          ...['/out', outside, climb, '/linked'],
        ),
      ],
    })
    expect(task.logs?.[0]?.outputs.map(({ path }) => path)).toEqual(['/out/mine'])
    expect(task.state).toBe('COMPLETE')
    expect(await readFile(join(test.folder, 'data/stored/all/mine'), 'utf8')).toBe('mine\n')
  })
})
