import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TaskRoot } from './task-root.ts'

describe('the root of a task', () => {
  let folder: string
  let root: TaskRoot
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portolan-root-'))
    root = new TaskRoot(join(folder, 'root'))
    await mkdir(join(folder, 'root/out/deep'), { recursive: true })
    await writeFile(join(folder, 'root/out/file'), 'inside')
    await writeFile(join(folder, 'secret'), 'outside')
    await symlink('/out/file', join(folder, 'root/out/absolute'))
    await symlink('../file', join(folder, 'root/out/deep/relative'))
    await symlink('../../../../secret', join(folder, 'root/out/climbing'))
    await symlink(join(folder, 'secret'), join(folder, 'root/out/escaping'))
    await symlink(join(folder, 'root/out/file'), join(folder, 'root/out/host'))
    await symlink('loop', join(folder, 'root/out/loop'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const rows: [path: string, expected: string | undefined][] = [
    ['/out/file', 'root/out/file'],
    ['/out/absolute', 'root/out/file'],
    ['/out/deep/relative', 'root/out/file'],
    ['/out/host', 'root/out/file'],
    ['/out/climbing', undefined],
    ['/out/escaping', undefined],
    ['/out/loop', undefined],
    ['/out/../../secret', undefined],
    ['/missing', undefined],
  ]
  for (const [path, expected] of rows) {
    it(`${path} is ${expected ?? 'nothing'}`, async () => {
      expect(await root.resolve(path)).toBe(expected && join(folder, expected))
    })
  }

  it('a directory that is a link to one of the machine is made inside instead', async () => {
    await mkdir(join(folder, 'machine'))
    await symlink(join(folder, 'machine'), join(folder, 'root/linked'))
    const source = join(folder, 'other')
    await writeFile(source, 'new')
    await root.place(source, '/linked/deep/file')
    await expect(readFile(join(folder, 'machine/deep/file'))).rejects.toThrow('ENOENT')
    expect(await readFile((await root.resolve('/linked/deep/file')) ?? '', 'utf8')).toBe('new')
  })

  it('a link in the way of a placed file is replaced, not written through', async () => {
    const source = join(folder, 'source')
    await writeFile(source, 'new')
    await root.place(source, '/out/escaping')
    expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('outside')
    expect(await readFile(join(folder, 'root/out/escaping'), 'utf8')).toBe('new')
  })
})
