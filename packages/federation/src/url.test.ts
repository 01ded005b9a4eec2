import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePrefixes, matchPrefix } from './prefixes.ts'
import { parseUrl } from './url.ts'

const words = [
  'a',
  'B',
  'data',
  'x.y',
  '~u',
  'a b',
  'ü',
  '%20',
  '%41',
  '%2E',
  '%2f',
  '%5C',
  '.',
  '..',
  '%2e%2e',
  '',
  '%',
  '%zz',
  '*',
  ';p',
  'a;v=1',
  '..;',
  '.;a',
  '%3b',
  '+',
  '%C3%BC',
  '\\',
  '\t',
  '%252e',
]
const hosts = [
  'h',
  'Host.org',
  'bucket-1',
  'a_b',
  'h.',
  '127.0.0.1',
  '127.1',
  '0x7f.1',
  '[::1]',
  '[0:0::1]',
  '[1:2:3:4:5:6:7:8]',
  '[::g]',
  'u@h',
  'u:p@h',
  'h%41',
  'ü.org',
  'a..b',
  '',
  '1.2.3.4.5',
  '300.1.1.1',
]
const ports = ['', ':80', ':443', ':8080', ':', ':99999', ':x', ':0080']
const schemes = ['http', 'https', 'HTTPS', 's3', 'ftp', 'drs', 'file', 'gs']

const anyUrl = fc
  .tuple(
    fc.constantFrom(...schemes),
    fc.constantFrom('://', ':', ':/', ':///'),
    fc.constantFrom(...hosts),
    fc.constantFrom(...ports),
    fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 })), { maxLength: 5 }),
    fc.constantFrom('', '?q=1', '#f', '?a b', ' '),
  )
  .map(([scheme, mark, host, port, path, tail]) => `${scheme}${mark}${host}${port}${path.map(segment => `/${segment}`).join('')}${tail}`)

/** A path with every escape resolved, as bytes, so that two spellings compare equal. */
function toBytes(path: string): string {
  return Array.from(new TextEncoder().encode(path))
    .map(byte => String.fromCharCode(byte))
    .join('')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

describe('parseUrl', () => {
  it('agrees with WHATWG URL wherever it reads a URL', () => {
    fc.assert(
      fc.property(anyUrl, text => {
        const ours = parseUrl(text)
        if (ours === undefined) return
        const theirs = new URL(text)
        expect(`${ours.scheme}:`).toBe(theirs.protocol)
        expect(ours.host).toBe(theirs.hostname.toLowerCase())
        expect(ours.port ?? '').toBe(theirs.port === '' ? '' : Number(theirs.port))
        expect(toBytes(ours.path)).toBe(toBytes(theirs.pathname || '/'))
        expect(ours.query !== undefined && ours.query !== '').toBe(theirs.search !== '')
      }),
      { numRuns: 20_000 },
    )
  })

  it('reads no path that means another one to a server that cuts parameters off its segments', () => {
    fc.assert(
      fc.property(anyUrl, text => {
        const ours = parseUrl(text)
        if (ours === undefined || ours.scheme === 's3' || ours.scheme === 'gs' || ours.scheme === 'file') return
        const place = `${ours.scheme}://${ours.host}`
        const cut = ours.path.replaceAll(/(?:;|%3b)[^/]*/gi, '')
        expect(new URL(`${place}${cut}`).pathname).toBe(new URL(`${place}${ours.path}`).pathname)
      }),
      { numRuns: 20_000 },
    )
  })

  it('reads its own spelling as itself', () => {
    fc.assert(
      fc.property(anyUrl, text => {
        const first = parseUrl(text)
        if (first === undefined || first.scheme === 'file') return
        const port = first.port === undefined ? '' : `:${first.port}`
        expect(parseUrl(`${first.scheme}://${first.host}${port}${first.path}`)).toEqual({ ...first, query: undefined })
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    ['s3://Bucket/a/b', { scheme: 's3', host: 'bucket', path: '/a/b', bare: false }],
    ['https://h.org:443/a', { scheme: 'https', host: 'h.org', path: '/a', bare: false }],
    ['http://h.org:8080', { scheme: 'http', host: 'h.org', port: 8080, path: '/', bare: false }],
    ['https://h.org/%7Eu/%c3%bc?v=1', { scheme: 'https', host: 'h.org', path: '/~u/%C3%BC', query: 'v=1', bare: false }],
    ['https://[0:0:0::1]/a', { scheme: 'https', host: '[::1]', path: '/a', bare: false }],
    ['/data/100% of it?', { scheme: 'file', host: '', path: '/data/100%25%20of%20it%3F', bare: true }],
    ['s3://b/a;v=1/x', { scheme: 's3', host: 'b', path: '/a;v=1/x', bare: false }],
    ['/data/a;v=1', { scheme: 'file', host: '', path: '/data/a;v=1', bare: true }],
    ['https://h/a?b;c', { scheme: 'https', host: 'h', path: '/a', query: 'b;c', bare: false }],
    ['file:///data/x', { scheme: 'file', host: '', path: '/data/x', bare: false }],
    ['file:/data/x', { scheme: 'file', host: '', path: '/data/x', bare: false }],
    ['file://localhost/data/x', { scheme: 'file', host: '', path: '/data/x', bare: false }],
  ])('reads %s', (text, expected) => {
    expect(parseUrl(text)).toEqual(expected)
  })

  it.each([
    'data/x',
    'x',
    '',
    'mailto:a@b',
    'https:/h/a',
    'https://u@h/a',
    'https://u:p@h/a',
    'https://h/a/../b',
    'https://h/a/%2e%2E/b',
    'https://h/a/.%2e/b',
    'https://h/./a',
    'https://h//a',
    'https://h/a/..;/b',
    'https://h/a/..;v=1/b',
    'https://h/.;/a',
    'https://h/a/%2e%2e;/b',
    'https://h/a/..%3b/b',
    's3://b/a/..;/c',
    'file:///a/..;/b',
    '/a/..;/b',
    'https://h/secret;v=1/x',
    'https://h/secret%3Bv=1/x',
    'https://h/secret%253bv=1/x',
    'https://h/x.bam;v=1',
    'ftp://h/x;type=a',
    's3://b/a//c',
    'https://h\\a',
    'https://h/a\\b',
    'https://h/a%5cb',
    'https://h/a%2fb',
    'https://h/a%252e%252e/b',
    'https://h/a#f',
    'https://h./a',
    'https://127.1/a',
    'https://0x7f000001/a',
    'http://[::ffff:7f00:1]:8080/a',
    'http://[0:0:0:0:0:FFFF:7f00:0001]/a',
    'http://[64:ff9b::c000:207]/a',
    'https://h/open/%c0%ae%c0%ae/secret',
    'https://h/%FF',
    's3://b/%ED%A0%80',
    'https://2130706433/a',
    'https://h/a\n',
    'https://h/a ',
    ' https://h/a',
    'https://h:99999/',
    'https://h:/a',
    'file://host/a',
    'file:///C|/a',
    '/a/../b',
    '//h/a',
    '/a//b',
    'drs://dg.4503:abc',
    'https://h/%',
    'https:///a',
    's3:///a',
    'https://h/\ud800',
  ])('does not read %j', text => {
    expect(parseUrl(text)).toBeUndefined()
  })
})

describe('matchPrefix', () => {
  const prefixes = ['s3://b/', 's3://b/genomes/', 's3://b/genomes/one.bam', 'https://h/data', 'https://h:8443/']
  it.each([
    ['s3://b/x', 's3://b/'],
    ['s3://b', 's3://b/'],
    ['s3://b/genomes/x', 's3://b/genomes/'],
    ['s3://b/genomes', 's3://b/genomes/'],
    ['s3://b/genomes-2/x', 's3://b/'],
    ['s3://b/genomes/one.bam', 's3://b/genomes/one.bam'],
    ['s3://b/genomes/one.bam/x', 's3://b/genomes/'],
    ['s3://b/gen%6Fmes/x', 's3://b/genomes/'],
    ['https://h/data', 'https://h/data'],
    ['https://h:443/data?v=2', 'https://h/data'],
    ['https://h:8443/x', 'https://h:8443/'],
    ['https://h/data/x', undefined],
    ['http://h/data', undefined],
    ['https://h/database', undefined],
    ['s3://b2/x', undefined],
    ['s3://b/genomes/../x', undefined],
    ['s3://b/genomes/%2e%2e/x', undefined],
    ['https://b@h/data', undefined],
  ])('for %s finds %s', (url, expected) => {
    expect(matchPrefix(url, prefixes)).toBe(expected)
  })

  it('finds the longest of the prefixes that cover a URL, as comparing texts would', () => {
    const segment = fc.constantFrom('a', 'b', 'ab')
    const path = fc.array(segment, { maxLength: 4 }).map(parts => `s3://x/${parts.map(part => `${part}/`).join('')}`)
    fc.assert(
      fc.property(fc.array(path, { maxLength: 8 }), path, (declared, url) => {
        const covering = declared.filter(prefix => `${url}f`.startsWith(prefix)).sort((a, b) => b.length - a.length)
        expect(matchPrefix(`${url}f`, declared)).toBe(covering[0])
      }),
    )
  })

  it('knows what lies inside a directory', () => {
    const urls = ['s3://b/', 's3://b/d/', 's3://b/d/one', 's3://b/d/e/', 's3://b/f/']
    const table = compilePrefixes(
      urls.map(url => ({ url, value: url })),
      'web',
    )
    const inside = (text: string) => {
      const url = parseUrl(text)
      return url === undefined ? undefined : table.findInside(url).toSorted()
    }
    expect(inside('s3://b/d')).toEqual(['s3://b/d/e/', 's3://b/d/one'])
    expect(inside('s3://b/')).toEqual(['s3://b/d/', 's3://b/d/e/', 's3://b/d/one', 's3://b/f/'])
    expect(inside('s3://b/d/one')).toEqual([])
    expect(inside('s3://c/')).toEqual([])
  })

  it('takes http and https of one host for one place where that is asked for', () => {
    const table = compilePrefixes([{ url: 'https://h/secret/', value: 'secret' }], 'web')
    const url = parseUrl('http://h/secret/x')
    expect(url && table.find(url)).toBe('secret')
  })
})
