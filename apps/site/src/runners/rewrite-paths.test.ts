import { describe, expect, it } from 'vitest'
import type { Mount } from '../tasks/mounts.ts'
import { createRewriter, rewriteCommand } from './rewrite-paths.ts'

const mounts: Mount[] = [
  { path: '/in/a.fq', kind: 'file', writable: false },
  { path: '/etc/tool.conf', kind: 'file', writable: false },
  { path: '/out', kind: 'directory', writable: true },
]
const rewriter = createRewriter('/host/root', mounts, '/job')

describe('an argument of a plain process', () => {
  const rows: [given: string, expected: string][] = [
    ['/in/a.fq', '/host/root/in/a.fq'],
    ['/in//a.fq', '/host/root/in/a.fq'],
    ['/in', '/host/root/in'],
    ['/out/', '/host/root/out/'],
    ['/out/new/file', '/host/root/out/new/file'],
    ['/job/x', '/host/root/job/x'],
    ['--input=/in/a.fq', '--input=/host/root/in/a.fq'],
    ['if=/out/b', 'if=/host/root/out/b'],
    ['/etc/tool.conf', '/host/root/etc/tool.conf'],
    ['/etc/passwd', '/etc/passwd'],
    ['/outside', '/outside'],
    ['/usr/bin/env', '/usr/bin/env'],
    ['in/a.fq', 'in/a.fq'],
    ['cat /in/a.fq', 'cat /in/a.fq'],
    ['/out/../etc/passwd', '/out/../etc/passwd'],
  ]
  for (const [given, expected] of rows) it(`${given} becomes ${expected}`, () => expect(rewriter.argument(given)).toBe(expected))
})

it('a value of env is rewritten whole or as a list of paths', () => {
  expect(rewriter.value('/in/a.fq')).toBe('/host/root/in/a.fq')
  expect(rewriter.value('/usr/bin:/out/bin')).toBe('/usr/bin:/host/root/out/bin')
  expect(rewriter.value('text with /in/a.fq')).toBe('text with /in/a.fq')
})

it('a script that mentions declared paths is left alone and its paths are reported', () => {
  const command = ['sh', '-c', 'cat /in/a.fq > /out/b; ls /outside "$1"', 'sh', '/in/a.fq']
  const { argv, mentioned } = rewriteCommand({ image: 'x', command }, rewriter)
  expect(argv).toEqual([...command.slice(0, 4), '/host/root/in/a.fq'])
  expect(mentioned).toEqual(['/in/a.fq', '/out'])
})
