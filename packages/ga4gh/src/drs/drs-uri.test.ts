import { describe, expect, it } from 'vitest'
import { parseDrsUri } from './index.ts'

describe('an address of DRS', () => {
  const rows: readonly [string, string, object | undefined][] = [
    ['names a host and an id', 'drs://drs.example.org/314159', { host: 'drs.example.org', id: '314159' }],
    ['has its host in lower case, and its id as it is', 'DRS://Drs.Example.ORG/AbC', { host: 'drs.example.org', id: 'AbC' }],
    ['may name a port', 'drs://h:8443/x', { host: 'h:8443', id: 'x' }],
    ['may name its port twice, as some servers do', 'drs://h:8443:8443/x', { host: 'h:8443', id: 'x' }],
    ['has what is escaped in its id', 'drs://h/a%2Fb%20c', { host: 'h', id: 'a/b c' }],
    ['may have slashes in its id', 'drs://h/a/b', { host: 'h', id: 'a/b' }],
    ['may name an address of version 6', 'drs://[::1]:80/x', { host: '[::1]:80', id: 'x' }],
    ['is none with a compact identifier', 'drs://dg.4503:dg.4503/abc', undefined],
    ['is none with a compact identifier alone', 'drs://drs.42:314159', undefined],
    ['is none without an id', 'drs://h/', undefined],
    ['is none with dots as id', 'drs://h/%2E%2E', undefined],
    ['is none with a broken escape', 'drs://h/%zz', undefined],
    ['is none with a user', 'drs://me@h/x', undefined],
    ['is none with a query', 'drs://h/x?a=b', undefined],
    ['is none in another scheme', 'https://h/x', undefined],
  ]
  it.each(rows)('%s', (_sentence, text, expected) => {
    expect(parseDrsUri(text)).toEqual(expected)
  })
})
