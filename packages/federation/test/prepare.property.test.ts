import type { TesTask } from '@portolan/tes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HINT_KEYS, prepare, RESERVED_TAGS } from '../src/index.ts'
import { buildSite } from './build.ts'

const closedKeys = [...HINT_KEYS, ...RESERVED_TAGS, 'portolan.task', 'portolan.broker', 'portolan.x']
const anyCase = fc
  .tuple(fc.constantFrom(...closedKeys), fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }))
  .map(([key, upper]) => Array.from(key, (char, i) => (upper[i] ? char.toUpperCase() : char.toLowerCase())).join(''))
const entries = fc.dictionary(fc.oneof(anyCase, fc.string({ maxLength: 5 })), fc.string({ maxLength: 5 }))
const anyTask: fc.Arbitrary<TesTask> = fc
  .record({
    tags: entries,
    backend_parameters: entries,
    strict: fc.boolean(),
    contents: fc.array(fc.option(fc.string(), { nil: undefined })),
  })
  .map(({ tags, backend_parameters, strict, contents }) => ({
    executors: [{ image: 'ubuntu', command: ['true'] }],
    tags,
    inputs: contents.map((content, i) => ({ path: `/in/${i}`, url: `s3://b/${i}`, ...(content !== undefined && { content }) })),
    resources: { backend_parameters, backend_parameters_strict: strict },
  }))

const own = { 'portolan.broker': 'b', 'portolan.task': 'w', 'portolan.attempt': 'a' }
const isHint = (key: string): boolean => HINT_KEYS.some(hint => hint === key.toLowerCase())

describe('whatever a user writes into tags and backend parameters', () => {
  it('no wish to the broker, no reserved tag and no forged tag of ours reaches a site; all else does', () => {
    const site = buildSite('here')
    fc.assert(
      fc.property(anyTask, task => {
        const { document } = prepare(task, site, { tags: own })
        const parameters = Object.keys(document.resources?.backend_parameters ?? {})
        expect(parameters.some(isHint)).toBe(false)
        const { tags = {} } = document
        for (const [key, value] of Object.entries(own)) expect(tags[key]).toBe(value)
        const foreign = Object.keys(tags).filter(key => !Object.hasOwn(own, key))
        for (const key of foreign) {
          expect(isHint(key) || key.toLowerCase().startsWith('portolan.')).toBe(false)
          expect(RESERVED_TAGS.some(reserved => reserved === key.toUpperCase())).toBe(false)
        }
        const plain = Object.keys(task.tags ?? {}).filter(key => !closedKeys.some(closed => closed.toLowerCase() === key.toLowerCase()))
        expect(new Set(foreign)).toEqual(new Set(plain))
      }),
      { numRuns: 2000 },
    )
  })

  it('every input has content or a url, never both', () => {
    fc.assert(
      fc.property(anyTask, task => {
        for (const input of prepare(task, buildSite('here'), { tags: own }).document.inputs ?? [])
          expect(Number(input.url !== undefined) + Number(input.content !== undefined)).toBe(1)
      }),
    )
  })
})
