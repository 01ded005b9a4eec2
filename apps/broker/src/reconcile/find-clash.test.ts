import type { StagedInput } from '@portolan/federation'
import type { TesInput } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { findClash } from './find-clash.ts'

const directory = (path: string, names: readonly string[]): StagedInput => ({
  path,
  files: names.map(name => ({ path: `${path}/${name}`, url: 'https://s3.example/x?signed' })),
})
const file = (path: string): TesInput => ({ path, url: 's3://b/x', type: 'FILE' })

/** The clash of a document that holds the files of a linked directory `/in/d` beside other inputs. */
function clashOf(names: readonly string[], ...others: readonly TesInput[]): string | undefined {
  const staged = directory('/in/d', names)
  return findClash([...staged.files.map(({ path }) => file(path)), ...others], [staged])
}

describe('the files of a directory that goes as links', () => {
  it.each([
    ['a file and a folder have the same key', ['x', 'x/y'], [], '/in/d/x would be a file, and the folder of /in/d/x/y'],
    ['a folder deeper down', ['x/y/z', 'x'], [], '/in/d/x would be a file, and the folder of /in/d/x/y/z'],
    ['an input lies where one of them does', ['x'], [file('/in/d/x')], 'Two inputs would lie at /in/d/x'],
    ['an input lies below one of them', ['x'], [file('/in/d/x/y')], '/in/d/x would be a file, and the folder of /in/d/x/y'],
    ['one of them lies below an input', ['x/y'], [file('/in/d/x')], '/in/d/x would be a file, and the folder of /in/d/x/y'],
    ['the directory lies where a file does', ['x'], [file('/in/d')], '/in/d would be a file, and the folder of /in/d/x'],
    [
      'another directory is to lie below one',
      ['x'],
      [{ path: '/in/d/x/y', url: 's3://b/y/', type: 'DIRECTORY' }],
      '/in/d/x would be a file',
    ],
  ] as const)('cannot be sent where %s', (_what, names, others, says) => {
    expect(clashOf(names, ...others)).toContain(says)
  })

  it.each([
    ['all have places of their own', ['x', 'y/x', 'y/z', 'xx/y'], []],
    ['an input lies beside them', ['x'], [file('/in/d/extra'), file('/in/other')]],
    ['another directory holds the folder', ['x'], [{ path: '/in', url: 's3://b/y/', type: 'DIRECTORY' }]],
    ['the clash is of the task itself', ['x'], [file('/a'), file('/a/b'), file('/a')]],
  ] as const)('can be sent where %s', (_what, names, others) => {
    expect(clashOf(names, ...others)).toBeUndefined()
  })

  it('are none where files alone are linked', () => {
    expect(findClash([file('/a'), file('/a')], [{ path: '/a', files: [{ path: '/a', url: 'https://s3.example/x' }] }])).toBeUndefined()
  })
})
