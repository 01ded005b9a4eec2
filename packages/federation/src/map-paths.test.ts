import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { buildLocation, projectId } from '../test/build.ts'
import { mapPaths } from './map-paths.ts'

const executors = [{ image: 'ubuntu', command: ['true'] }]
const store = buildLocation('store', {
  pathMaps: [
    { from: '/nfs/work/', to: 's3://store/work/' },
    { from: '/nfs/work/anna/', to: 's3://store/people/anna/' },
    { from: '/nfs/closed/', to: 's3://store/closed/', projects: [projectId('q')] },
    { from: '/nfs/work/lab/', to: 's3://store/lab/', projects: [projectId('q')] },
  ],
})
const web = buildLocation('web', { kind: 'http', pathMaps: [{ from: '/srv/data/', to: 'https://web.example.org/data/' }] })

function urlsOf(url: string, project = 'p'): string | undefined {
  const task: TesTask = { executors, inputs: [{ path: '/in', url }], outputs: [{ path: '/out', url }] }
  const { task: mapped } = mapPaths(task, [store, web], projectId(project))
  expect(mapped.outputs?.[0]?.url).toBe(mapped.inputs?.[0]?.url)
  return mapped.inputs?.[0]?.url
}

describe('a path below a mapped folder is the URL that it is served at', () => {
  it.each([
    ['a bare path', '/nfs/work/ab/cd/reads.bam', 's3://store/work/ab/cd/reads.bam'],
    ['a file URL', 'file:///nfs/work/reads.bam', 's3://store/work/reads.bam'],
    ['a file URL with one slash', 'file:/nfs/work/reads.bam', 's3://store/work/reads.bam'],
    ['a file URL of this machine', 'file://localhost/nfs/work/reads.bam', 's3://store/work/reads.bam'],
    ['a file URL in capitals', 'FILE:///nfs/work/reads.bam', 's3://store/work/reads.bam'],
    ['the longest folder counts', '/nfs/work/anna/x', 's3://store/people/anna/x'],
    ['a folder whose name only begins alike is another one', '/nfs/work/annabel/x', 's3://store/work/annabel/x'],
    ['the mapped folder itself', '/nfs/work', 's3://store/work/'],
    ['the mapped folder with its slash', '/nfs/work/', 's3://store/work/'],
    ['a folder keeps its slash', '/nfs/work/out/', 's3://store/work/out/'],
    ['a blank stands as it is in a bucket', '/nfs/work/my reads.bam', 's3://store/work/my reads.bam'],
    ['an escape in a file URL is the character', 'file:///nfs/work/my%20reads.bam', 's3://store/work/my reads.bam'],
    ['names are escaped for a web server', '/srv/data/my reads#1.bam', 'https://web.example.org/data/my%20reads%231.bam'],
    ['letters of all languages', '/srv/data/größe', 'https://web.example.org/data/gr%C3%B6%C3%9Fe'],
  ])('%s', (_, path, url) => {
    expect(urlsOf(path)).toBe(url)
  })

  it.each([
    ['no map is about it', '/data/reads.bam'],
    ['the folder above a mapped one', '/nfs/'],
    ['a name that climbs', '/nfs/work/../closed/x'],
    ['a name that climbs by escapes', 'file:///nfs/work/%2e%2e/closed/x'],
    ['a path that climbs by escapes', '/nfs/work/%2e%2e/closed/x'],
    ['a dot that stands for nothing', '/nfs/work/./x'],
    ['a slash too many', '/nfs//work/x'],
    ['an escaped slash', 'file:///nfs/work%2Fx'],
    ['a file system may know the escape as a name', '/nfs/work/a%20b'],
    ['a NUL', 'file:///nfs/work/a%00b'],
    ['a NUL as it is', '/nfs/work/a\0b'],
    ['a backslash', '/nfs/work/..\\closed'],
    ['bytes that are no text', 'file:///nfs/work/%ff'],
    ['a query', 'file:///nfs/work/x?y'],
    ['a name that the URL of a bucket cannot hold', '/nfs/work/what?'],
    ['a file of another machine', 'file://other/nfs/work/x'],
  ])('nothing is mapped: %s', (_, path) => {
    expect(urlsOf(path)).toBe(path)
  })

  it('T03 a folder of a project is mapped for its tasks, and for no others', () => {
    expect(urlsOf('/nfs/closed/x', 'q')).toBe('s3://store/closed/x')
    expect(urlsOf('/nfs/closed/x', 'p')).toBe('/nfs/closed/x')
    expect(urlsOf('/nfs/work/lab/x', 'q')).toBe('s3://store/lab/x')
  })

  it('T03 a path that a longer folder maps for another project is no file of a shorter one', () => {
    for (const path of ['/nfs/work/lab/x', '/nfs/work/lab', 'file:///nfs/work/%6cab/x']) expect(urlsOf(path, 'p')).toBe(path)
    expect(urlsOf('/nfs/work/labour/x', 'p')).toBe('s3://store/work/labour/x')
    const { unmapped } = mapPaths({ executors, inputs: [{ path: '/in', url: '/nfs/work/lab/x' }] }, [store], projectId('p'))
    expect(unmapped).toEqual([{ field: 'inputs[0].url', path: '/nfs/work/lab/x', prefix: '/nfs/work/lab/', ambiguous: false }])
  })

  it('what has a scheme, or content, stays as it is, and the very same task is answered', () => {
    const task: TesTask = {
      executors,
      inputs: [
        { path: '/a', url: 's3://other/nfs/work/x' },
        { path: '/b', content: '/nfs/work/x' },
      ],
      outputs: [{ path: '/o', url: 'https://web.example.org/nfs/work/x' }],
    }
    const unchanged = mapPaths(task, [store], projectId('p'))
    expect(unchanged.task).toBe(task)
    expect(unchanged).toEqual({ task, unmapped: [] })
    const inline = { executors, inputs: [{ path: '/a', url: '/nfs/work/x', content: 'hello' }] }
    expect(mapPaths(inline, [store], projectId('p'))).toEqual({ task: inline, unmapped: [] })
  })
})

describe('the maps that a task has met', () => {
  const task: TesTask = {
    executors,
    inputs: [
      { path: '/a', url: '/nfs/work/x' },
      { path: '/b', url: '/nfs/work/y' },
      { path: '/c', url: 's3://store/z' },
    ],
    outputs: [
      { path: '/o', url: 'file:///nfs/work/lab/x' },
      { path: '/p', url: '/mnt/x' },
    ],
  }

  it.each(['p', 'q'])('are each named once, and by them alone it comes out the same (project %s)', name => {
    const first = mapPaths(task, [web, store], projectId(name))
    expect(first.met?.map(({ from }) => from)).toEqual(['/nfs/work/', '/nfs/work/lab/'])
    expect(mapPaths(task, [{ pathMaps: first.met }], projectId(name))).toEqual(first)
    expect(first.met?.map(({ projects }) => projects)).toEqual([undefined, name === 'q' ? undefined : []])
  })

  it('are none where no map is about a path, so that one made later says nothing of it', () => {
    const { met } = mapPaths(task, [], projectId('p'))
    expect(met).toEqual([])
    expect(mapPaths(task, [{ pathMaps: met }], projectId('p')).task).toEqual(task)
  })
})

describe('what no map is about', () => {
  it('is named by the folder that such paths have in common, and by where each stands', () => {
    const task: TesTask = {
      executors,
      inputs: [
        { path: '/a', url: '/mnt/shared/work/1/x' },
        { path: '/b', url: '/nfs/work/x' },
        { path: '/c', url: 'file:///mnt/shared/data/y' },
        { path: '/d', url: '/rooted' },
      ],
      outputs: [{ path: '/o', url: '/mnt/shared/work/../z' }],
    }
    expect(mapPaths(task, [store], projectId('p')).unmapped).toEqual([
      { field: 'inputs[0].url', path: '/mnt/shared/work/1/x', prefix: '/mnt/shared/', ambiguous: false },
      { field: 'inputs[2].url', path: 'file:///mnt/shared/data/y', prefix: '/mnt/shared/', ambiguous: false },
      { field: 'inputs[3].url', path: '/rooted', prefix: '/', ambiguous: false },
      { field: 'outputs[0].url', path: '/mnt/shared/work/../z', prefix: '/mnt/shared/work/../z', ambiguous: true },
    ])
  })
})
