import { expect, it } from 'vitest'
import { refuseInOpenMode } from './open-mode.ts'

interface Facts {
  readonly method?: string
  readonly host?: string | undefined
  readonly origin?: string
  readonly contentType?: string | undefined
  readonly hasBody?: boolean
}

const request = ({ method = 'POST', hasBody = true, ...facts }: Facts) => {
  const { host, origin, contentType } = { host: '127.0.0.1:8080', origin: undefined, contentType: 'application/json', ...facts }
  return { method, headers: { host, origin, 'content-type': contentType, 'content-length': hasBody ? '2' : '0' } }
}

const rows: [title: string, facts: Facts, status: number | undefined][] = [
  ['a client of this machine passes', {}, undefined],
  ['so it does under the name localhost', { host: 'localhost:1' }, undefined],
  ['and by the other protocol', { host: '[::1]:8080' }, undefined],
  ['and by any other address of its own', { host: '127.0.0.2:8080' }, undefined],
  ['and by a name below localhost', { host: 'site.localhost:8080' }, undefined],
  ['a result that is put needs no JSON', { method: 'PUT', contentType: 'text/plain' }, undefined],
  ['a name that was made to point here is refused', { host: 'evil.example:8080' }, 403],
  ['a name that only begins like an address is refused', { host: '127.0.0.1.evil.example' }, 403],
  ['a request without a host is refused', { host: undefined }, 403],
  ['a page of another port is refused', { origin: 'http://127.0.0.1:9090' }, 403],
  ['a page of this very site passes', { origin: 'http://127.0.0.1:8080' }, undefined],
  ['a body that a plain form can send is refused', { contentType: 'text/plain' }, 415],
  ['a body without a type is refused', { contentType: undefined }, 415],
  ['a charset does no harm', { contentType: 'application/json; charset=utf-8' }, undefined],
  ['a cancel without a body needs no type', { contentType: undefined, hasBody: false }, undefined],
]
for (const [title, parts, status] of rows) it(title, () => expect(refuseInOpenMode(request(parts))?.status).toBe(status))
