import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readReturnTo } from './return-to.ts'

describe('T13 where a browser returns to', () => {
  it.each([
    [undefined, '/app'],
    ['', '/app'],
    ['/app', '/app'],
    ['/app/device', '/app/device'],
    ['/app/device?user_code=BCDF-GHJK', '/app/device?user_code=BCDF-GHJK'],
  ])('%s: a page of ours', (asked, path) => {
    expect(readReturnTo(asked)).toBe(path)
  })

  it.each([
    'https://evil.example.org/app',
    '//evil.example.org/app',
    '/\\evil.example.org',
    '/app//evil.example.org',
    '/app/..//evil.example.org',
    '/app/../portolan',
    '/app/%2e%2e/x',
    '/app\\@evil.example.org',
    '/app@evil.example.org',
    '/app.evil.example.org',
    '/application',
    'app',
    ' /app',
    '/app\r\nLocation: https://evil.example.org',
    '/app?x=\u0000',
    '/app#x',
    'javascript:alert(1)',
    `/app/${'x'.repeat(600)}`,
  ])('%j: nothing of ours', asked => {
    expect(readReturnTo(asked)).toBeUndefined()
  })

  it('is never at another origin, whatever is asked', () => {
    const unit = fc.constantFrom('/', '\\', '/app', 'a', '.', '%2f', '%5c', ':', '@', '?', '#', '\t', '\n', 'evil.org', 'https:')
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 8 }), parts => {
        const path = readReturnTo(parts.join(''))
        if (path === undefined) return
        const url = new URL(path, 'https://portolan.example.org')
        expect(url.origin).toBe('https://portolan.example.org')
        expect(url.pathname).toMatch(/^\/app(\/|$)/)
      }),
    )
  })
})
