import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { PathRefused } from './container-path.ts'
import { planMounts } from './mounts.ts'

const task = (parts: Partial<TesTask>): TesTask => ({ executors: [{ image: 'x', command: ['true'] }], ...parts })

describe('the mounts of a task', () => {
  const rows: [title: string, task: TesTask, expected: string[]][] = [
    [
      'an input is a read-only file, so that it hides nothing of the image',
      task({ inputs: [{ path: '/bin/hello', content: 'x' }] }),
      ['ro file /bin/hello'],
    ],
    [
      'a directory input is a read-only directory',
      task({ inputs: [{ path: '/in/', url: 'http://x/', type: 'DIRECTORY' }] }),
      ['ro directory /in'],
    ],
    ['an output shares its directory', task({ outputs: [{ path: '/out/a', url: 'http://x/a' }] }), ['rw directory /out']],
    [
      'an output in a directory of the system is a file of its own',
      task({ outputs: [{ path: '/etc/a', url: 'http://x/a' }] }),
      ['rw file /etc/a'],
    ],
    [
      'a pattern shares its fixed directory',
      task({ outputs: [{ path: '/w/r*/x', path_prefix: '/w', url: 'http://x/' }] }),
      ['rw directory /w'],
    ],
    [
      'an input inside of what is written needs no mount of its own',
      task({ inputs: [{ path: '/w/in/a', content: 'x' }], outputs: [{ path: '/w/b', url: 'http://x/b' }] }),
      ['rw directory /w'],
    ],
    [
      'a directory input that is also written to is writable',
      task({ inputs: [{ path: '/w', url: 'http://x/', type: 'DIRECTORY' }], volumes: ['/w/tmp'] }),
      ['rw directory /w'],
    ],
    [
      'volumes and the places of stdout and stderr are shared',
      task({ volumes: ['/v'], executors: [{ image: 'x', command: ['true'], stdout: '/logs/out', stderr: '/logs/err' }] }),
      ['rw directory /logs', 'rw directory /v'],
    ],
  ]
  for (const [title, given, expected] of rows) {
    it(title, () => {
      expect(planMounts(given).map(({ path, kind, writable }) => `${writable ? 'rw' : 'ro'} ${kind} ${path}`)).toEqual(expected)
    })
  }

  it('nothing is placed in a directory of the kernel', () => {
    expect(() => planMounts(task({ inputs: [{ path: '/proc/x', content: 'x' }] }))).toThrow(PathRefused)
  })
  it('the root directory is not shared', () => {
    expect(() => planMounts(task({ volumes: ['/'] }))).toThrow('the root directory cannot be shared')
  })
})
