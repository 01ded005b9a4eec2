import { describe, expect, it } from 'vitest'
import { openCookieJar } from './cookie-jar.ts'

const AT = 'http://127.0.0.1:8080/app/login'

describe('a cookie jar', () => {
  it.each([
    ['to its own path and below', 'a=1; Path=/app', 'http://127.0.0.1:8080/app/x', 'a=1'],
    ['to no path that only begins like it', 'a=1; Path=/app', 'http://127.0.0.1:8080/apple', undefined],
    ['without a path, to the folder that set it', 'a=1', 'http://127.0.0.1:8080/app/other', 'a=1'],
    ['over every port, as browsers do', 'a=1; Path=/', 'http://127.0.0.1:9090/', 'a=1'],
    ['to no other host', 'a=1; Path=/', 'http://localhost:8080/', undefined],
    ['on a loopback address although it is secure', '__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax', AT, '__Host-a=1'],
    ['with all of its value', 'a=b=c; Path=/', AT, 'a=b=c'],
  ])('sends a cookie %s', (_what, header, url, sent) => {
    const jar = openCookieJar()
    jar.store(AT, [header])
    expect(jar.read(url)).toBe(sent)
  })

  it.each(['a=; Path=/; Max-Age=0', 'a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'])('drops a cookie by %s', header => {
    const jar = openCookieJar()
    jar.store(AT, ['a=1; Path=/; Max-Age=60', 'b=2; Path=/'])
    jar.store(AT, [header])
    expect(jar.read(AT)).toBe('b=2')
  })

  it('sends the longer path first, and the newest value of each', () => {
    const jar = openCookieJar()
    jar.store(AT, ['a=1; Path=/', 'a=2; Path=/app', 'a=3; Path=/app'])
    expect(jar.read(AT)).toBe('a=3; a=1')
  })
})
