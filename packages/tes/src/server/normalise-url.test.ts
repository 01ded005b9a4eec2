import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normaliseUrl } from './normalise-url.ts'

describe('normaliseUrl', () => {
  it.each([
    ['/tasks/a', '/tasks/a'],
    ['//v1/tasks', '/v1/tasks'],
    ['/v1///tasks//a', '/v1/tasks/a'],
    ['/tasks/a%3Acancel', '/tasks/a:cancel'],
    ['/tasks/a%3acancel?x=%3A//b', '/tasks/a:cancel?x=%3A//b'],
    ['/tasks/a%253Acancel', '/tasks/a%253Acancel'],
    ['/tasks/%E0%A4%A', '/tasks/%E0%A4%A'],
    ['/tasks?page_token=//', '/tasks?page_token=//'],
    ['http://host//a', 'http://host//a'],
    ['*', '*'],
    ['', ''],
  ])('%s becomes %s', (url, expected) => {
    expect(normaliseUrl(url)).toBe(expected)
  })

  it('is the same when done twice, keeps the query, and never begins with two slashes', () => {
    const part = fc.constantFrom('/', '//', '%3A', '%3a', '%253A', '%2F', ':', 'a', '..', '?', '&', '%', '3A')
    fc.assert(
      fc.property(fc.array(part), parts => {
        const url = `/${parts.join('')}`
        const once = normaliseUrl(url)
        expect(normaliseUrl(once)).toBe(once)
        expect(once.split('?').slice(1)).toEqual(url.split('?').slice(1))
        expect(once.startsWith('//')).toBe(false)
      }),
    )
  })
})
