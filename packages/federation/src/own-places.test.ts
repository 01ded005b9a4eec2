import { describe, expect, it } from 'vitest'
import { buildInput, buildLocation, buildProject, buildSite, buildSnapshot, buildWork, projectId } from '../test/build.ts'
import { place } from './place.ts'
import type { Work } from './work.ts'

const OWN = ['s3://results/lab/', 'https://s3.example.org/results/lab/']
const snapshot = buildSnapshot([buildSite('here')], {
  locations: [buildLocation('results'), buildLocation('web', { kind: 'http', prefixes: [] })],
  projects: [buildProject('lab', { owns: OWN }), buildProject('clinic'), buildProject('second', { owns: ['s3://results/second/'] })],
})
const codesFor = (project: string, work: Partial<Work>): readonly string[] =>
  place(snapshot, buildWork({ project: projectId(project), ...work })).sites.flatMap(({ reasons }) => reasons.map(({ code }) => code))

const reading = (url: string): Partial<Work> => ({ inputs: [buildInput('x', [], { url })] })
const writing = (url: string): Partial<Work> => ({ outputs: [{ url, path: '/out' }] })

/** Every one is in what the project calls its own, or holds it. */
const TOUCHING = [
  's3://results/lab/01J/table.csv',
  's3://results/lab/',
  's3://results/lab',
  's3://results/',
  's3://RESULTS/lab/x',
  's3://results/%6cab/x',
  'https://s3.example.org/results/lab/x',
  'http://s3.example.org/results/lab/x',
  'https://S3.example.org:443/results/lab/x',
]
const APART = ['s3://results/laboratory/x', 's3://results/x', 's3://other/lab/x', 'https://s3.example.org/results/labs/']

describe('T03 a place of another project', () => {
  it.each(TOUCHING)('T03 is not read by a task: %s', url => {
    expect(codesFor('clinic', reading(url))).toContain('GROUP_MISSING')
    expect(codesFor('second', reading(url))).toContain('GROUP_MISSING')
  })

  it.each(TOUCHING)('T03 is not written to by a task: %s', url => {
    expect(codesFor('clinic', writing(url))).toContain('OUTPUT_TARGET_DENIED')
    expect(codesFor('second', writing(url))).toContain('OUTPUT_TARGET_DENIED')
  })

  it('T03 is not read by the way of a replica', () => {
    const inputs = [
      buildInput('x', ['web'], { url: 'https://elsewhere.example.org/x', replicas: buildInput('lab/x', ['results']).replicas }),
    ]
    expect(codesFor('clinic', { inputs })).toEqual(['GROUP_MISSING'])
  })

  it.each(APART)('begins and ends at a slash: %s', url => {
    expect(codesFor('clinic', reading(url))).toEqual([])
    expect(codesFor('clinic', writing(url))).toEqual([])
  })
})

it('the own place of a project is open to its tasks', () => {
  expect(codesFor('lab', { ...reading('s3://results/lab/x'), ...writing('s3://results/lab/y') })).toEqual([])
})
