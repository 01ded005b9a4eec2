import { describe, expect, it } from 'vitest'
import { groupByAncestor } from './group-sizes.ts'

type Row = readonly [sentence: string, urls: readonly string[], groups: Readonly<Record<string, readonly string[]>>]

const rows: readonly Row[] = [
  ['three of one folder are too few', ['s3://b/r/1', 's3://b/r/2', 's3://b/r/3'], {}],
  [
    'four of one folder are a group, in the order of lists',
    ['s3://b/r/b', 's3://b/r/d', 's3://b/r/C', 's3://b/r/a'],
    { 's3://b/r/': ['s3://b/r/C', 's3://b/r/a', 's3://b/r/b', 's3://b/r/d'] },
  ],
  [
    'few of many folders are a group of the folder above',
    ['s3://b/r/1/x', 's3://b/r/2/x', 's3://b/r/3/x', 's3://b/r/4/y/x'],
    { 's3://b/r/': ['s3://b/r/1/x', 's3://b/r/2/x', 's3://b/r/3/x', 's3://b/r/4/y/x'] },
  ],
  [
    'a folder that is a group itself takes no part in that',
    ['s3://b/r/1/a', 's3://b/r/1/b', 's3://b/r/1/c', 's3://b/r/1/d', 's3://b/r/2/x'],
    { 's3://b/r/1/': ['s3://b/r/1/a', 's3://b/r/1/b', 's3://b/r/1/c', 's3://b/r/1/d'] },
  ],
  ['nothing goes up to what may not be listed', ['s3://b/1', 's3://b/2', 's3://b/3', 's3://b/r/4'], {}],
  ['an address with a query is in no folder', ['1', '2', '3', '4'].map(name => `https://h/r/${name}?v`), {}],
]

describe('files that are looked up together', () => {
  it.each(rows)('%s', (_, urls, groups) => {
    const found = groupByAncestor(urls, 4, folder => /^(s3:\/\/b|https:\/\/h)\/r\//.test(folder))
    expect(Object.fromEntries(found.map(({ folder, wanted }) => [folder, wanted]))).toEqual(groups)
  })
})
