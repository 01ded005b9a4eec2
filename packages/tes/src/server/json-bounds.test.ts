import { describe, expect, it } from 'vitest'
import { findExcess } from './json-bounds.ts'

const BOUNDS = { values: 5, depth: 3, beginnings: 4 }
const excessOf = (text: string) => findExcess(Buffer.from(text), BOUNDS)

describe('the structure of a JSON document', () => {
  it.each([
    ['[1,2,3,4,5]', undefined],
    ['[1,2,3,4,5,6]', 'values'],
    ['{"a":{"b":{}}}', undefined],
    ['{"a":{"b":{"c":{}}}}', 'depth'],
    ['[[[[', 'depth'],
    ['[[],[],[]]', 'values'],
    ['[[],[]]', undefined],
    ['', undefined],
    ['"a"', undefined],
    ['{"é":"ü"}', undefined],
    ['"a"::::::', 'values'],
    ['{"a":1,"b":"c","a":{"b":"d"}}', undefined],
    ['{"a":"e","b" : {"c":"f","d"\n:":","e":1}}', 'beginnings'],
    ['{"a":1,"b":1,"c":1,"\\u0061":{"z":1}}', 'beginnings'],
    ['{"x":{"a":1,"b":1},"y":{"b":1,"a":1}}', 'beginnings'],
    ['{"a":{"a":1,"b":1},"b":{"a":1}}', undefined],
    ['{"ab":{"a":1},"a":{"ab":1}}', undefined],
    ['{"":{"":1,"a":1},"a":{"a":1}}', 'beginnings'],
    ['{"a":{"b":1,"c":1},"d":{"b":1.5}}', 'beginnings'],
    ['{"a":{"b":1,"c":1},"d":{"b":-1}}', 'beginnings'],
    ['{"a":{"b":1,"c":1},"d":{"b":1000000000}}', 'beginnings'],
    ['{"a":{"b":1,"c":1},"d":{"b": "1"}}', 'beginnings'],
    ['{"a":{"b":1,"c":1},"d":{"b": 23}}', undefined],
    ['{"a":{"b":"1","c":1},"d":{"b":null}}', undefined],
  ])('%s has too much of: %s', (text, expected) => {
    expect(excessOf(text)).toBe(expected)
  })

  it('is not in its strings, whatever stands in them', () => {
    for (const inner of ['[[[[,,,,,,', '\\"[[[[,,,,,,', '\\\\', '\\\\\\"{{{{{{', '\\u005b[[[[']) {
      expect([inner, excessOf(`{"a":"${inner}"}`)]).toEqual([inner, undefined])
      expect([inner, excessOf(`["${inner}",1,2,3,4,5]`)]).toEqual([inner, 'values'])
    }
  })

  it('is counted in one reading, also of colons that name nothing', () => {
    const hostile = Buffer.from(`"${'a'.repeat(4_000_000)}"${':'.repeat(4_000_000)}`)
    expect(findExcess(hostile)).toBe('values')
  })

  it('is told of what breaks off in the middle, as far as it goes', () => {
    expect([excessOf('["abc'), excessOf('["abc\\'), excessOf('{"a":[[[')]).toEqual([undefined, undefined, 'depth'])
  })
})
