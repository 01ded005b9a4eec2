import { describe, expect, it } from 'vitest'
import { isLoopbackHost, objectInOpenMode } from './open-mode.ts'

const plain = { host: '127.0.0.1:8080', origin: undefined, contentType: undefined, hasBody: false }
const configured = new Set(['https://portal.example.org'])

describe('T13 open mode', () => {
  it.each([
    ['127.0.0.1 with a port', { ...plain }],
    ['localhost', { ...plain, host: 'localhost' }],
    ['LOCALHOST in capitals', { ...plain, host: 'LOCALHOST:9' }],
    ['another address of the loopback network', { ...plain, host: '127.0.0.2:8080' }],
    ['a name below localhost', { ...plain, host: 'site.localhost:8080' }],
    ['the IPv6 loopback', { ...plain, host: '[::1]:8080' }],
    ['its own origin', { ...plain, origin: 'http://127.0.0.1:8080' }],
    ['a configured origin', { ...plain, origin: 'https://portal.example.org' }],
    ['a JSON body', { ...plain, hasBody: true, contentType: 'application/json' }],
    ['a JSON body with a charset', { ...plain, hasBody: true, contentType: 'application/json; charset=utf-8' }],
    ['a form type without a body', { ...plain, contentType: 'application/x-www-form-urlencoded' }],
  ])('serves %s', (_, head) => {
    expect(objectInOpenMode(head, configured)).toBeUndefined()
  })

  it.each([
    ['a host of the world', { ...plain, host: 'evil.example' }, 'foreign-host'],
    ['a host that begins like a loopback name', { ...plain, host: '127.0.0.1.evil.example' }, 'foreign-host'],
    ['a host with a user name', { ...plain, host: 'localhost@evil.example' }, 'foreign-host'],
    ['a name that ends like localhost', { ...plain, host: 'evillocalhost' }, 'foreign-host'],
    ['an address in another notation', { ...plain, host: '2130706433' }, 'foreign-host'],
    ['a host with a path', { ...plain, host: 'evil.example/.localhost' }, 'foreign-host'],
    ['no host', { ...plain, host: undefined }, 'foreign-host'],
    ['a page of another origin', { ...plain, origin: 'https://evil.example' }, 'foreign-origin'],
    ['a page of another port of this machine', { ...plain, origin: 'http://127.0.0.1:3000' }, 'foreign-origin'],
    ['a page without an origin of its own', { ...plain, origin: 'null' }, 'foreign-origin'],
    ['a form', { ...plain, hasBody: true, contentType: 'application/x-www-form-urlencoded' }, 'content-type'],
    ['text that is JSON inside', { ...plain, hasBody: true, contentType: 'text/plain' }, 'content-type'],
    ['a type that begins like JSON', { ...plain, hasBody: true, contentType: 'application/jsonp' }, 'content-type'],
    ['a body of no type', { ...plain, hasBody: true }, 'content-type'],
  ])('refuses %s', (_, head, kind) => {
    expect(objectInOpenMode(head, configured)?.kind).toBe(kind)
  })

  it.each([
    ['127.0.0.1', true],
    ['127.0.0.53', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.1.7', false],
    ['127.evil.example', false],
  ])('takes a server on %s for loopback only: %s', (host, loopback) => {
    expect(isLoopbackHost(host)).toBe(loopback)
  })
})
