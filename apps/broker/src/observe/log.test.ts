import { ApiError } from '@portolan/ga4gh'
import { RequestError } from 'got'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { makeToken } from '../auth/tokens/opaque-token.ts'
import { secureRandom } from '../auth/tokens/random-source.ts'
import { Secret } from '../config.ts'
import { hideInText } from './hide-secrets.ts'
import { createLog, createOnceLog } from './log.ts'

function collect() {
  const lines: string[] = []
  return { lines, log: createLog({ destination: { write: line => void lines.push(line) } }) }
}

const CANARY = makeSecret('canary')

function failure(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

const OWN = (['personal', 'refresh', 'device', 'session'] as const).map(kind => makeToken(kind, secureRandom).text)

describe('T09 a log line', () => {
  it.each(OWN.map(token => [token.slice(0, -49), token]))('never holds a token %s…, wherever it stands', (_, token) => {
    const { lines, log } = collect()
    log
      .child({ asked: token })
      .error({ note: token, list: [`at ${token}`], err: new Error(`no ${token}`, { cause: new Error(token) }) }, token)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain(token.slice(-20))
    expect(lines[0]?.match(/portolan_(pat|rt|dc|sid)_\[hidden\]/g)?.length).toBeGreaterThanOrEqual(6)
  })

  const rows: readonly [string, unknown][] = [
    ['a token', { token: CANARY }],
    ['a token in depth', { a: { b: [{ accessToken: CANARY }] } }],
    ['a header', { headers: { Authorization: `Bearer ${CANARY}`, 'set-cookie': [CANARY] } }],
    ['a password', { credential: { kind: 'basic', password: CANARY } }],
    ['a secret of the configuration', { password2: new Secret(CANARY), value: new Secret(CANARY) }],
    ['inline content', { task: { inputs: [{ path: '/a', content: CANARY }] } }],
    ['a login in a URL', { url: `https://user:${CANARY}@host/path` }],
    ['a signed URL', { url: `https://host/path?a=b&X-Amz-Signature=${CANARY}&X-Amz-Credential=${CANARY}` }],
    ['an error about a URL', { err: new Error(`GET https://u:${CANARY}@host failed`) }],
    ['the cause of an error', { err: new Error('outer', { cause: new Error(`Bearer ${CANARY}`) }) }],
    ['what a library hangs below the cause of an error', { err: new Error('outer', { cause: { body: { error_description: CANARY } } }) }],
    ['what it hangs there as a text', { err: new Error('outer', { cause: CANARY }) }],
    ['what it hangs there as a list', { err: new Error('outer', { cause: [{ scheme: 'basic', parameters: { realm: CANARY } }] }) }],
    ['what an answer said in words', { err: new ApiError('forbidden', `GET /tasks answered 403: ${CANARY}`, { said: CANARY }) }],
    ['a code that is none', { err: Object.assign(new Error('outer'), { code: `${CANARY} `, error: CANARY }) }],
    ['an error of the HTTP library', { err: new RequestError('x', {}, { headers: { authorization: CANARY } } as never) }],
    ['deep nesting', { a: { b: { c: { d: { e: { f: { g: { h: { i: CANARY } } } } } } } } }],
    ['a JSON web token', { note: `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(CANARY).toString('base64url')}.sig` }],
  ]
  it.each(rows)('never holds %s', (_, fields) => {
    const { lines, log } = collect()
    log.info(fields as object, 'something happened')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('something happened')
    expect(lines[0]).not.toContain(CANARY)
    expect(lines[0]).not.toContain(Buffer.from(CANARY).toString('base64url'))
  })

  it('never holds one in its message, nor from a child', () => {
    const { lines, log } = collect()
    log.child({ site: 'charite' }).warn(`asked with Basic ${CANARY} at https://${CANARY}@host`)
    expect(lines[0]).not.toContain(CANARY)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 40, site: 'charite' })
  })

  it('never holds a piece of a text that is no JSON', () => {
    const { lines, log } = collect()
    const piece = CANARY.slice(-12)
    log.error({ err: new Error('outer', { cause: failure(() => JSON.parse(`x${piece}`)) }) }, 'failed')
    expect(JSON.parse(lines[0] ?? '').err.cause).toMatchObject({ type: 'SyntaxError', message: 'not valid JSON' })
    expect(lines[0]).not.toContain(piece.slice(0, 6))
  })

  it('keeps the codes of the standards, by which an operator knows what to mend', () => {
    const { lines, log } = collect()
    const cause = Object.assign(new TypeError('inner'), { code: 'ERR_SSL_WRONG_VERSION' })
    log.error({ err: Object.assign(new Error('outer', { cause }), { status: 401, error: 'invalid_client' }) }, 'failed')
    expect(JSON.parse(lines[0] ?? '').err).toEqual({
      type: 'Error',
      message: 'outer',
      status: 401,
      error: 'invalid_client',
      stack: expect.stringContaining('outer'),
      cause: { type: 'TypeError', message: 'inner', code: 'ERR_SSL_WRONG_VERSION', stack: expect.stringContaining('inner') },
    })
  })

  it('keeps what is no secret, and stays JSON', () => {
    const { lines, log } = collect()
    log.error({ site: 'charite', url: 'https://host/p?view=FULL', err: new TypeError('bad') }, 'failed')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 50,
      site: 'charite',
      url: 'https://host/p?view=FULL',
      err: { type: 'TypeError', message: 'bad' },
      msg: 'failed',
    })
  })
})

it('hides no ordinary text', () => {
  for (const text of ['a basic idea', 'the token of the page', 'a@b.example', 's3://bucket/key?versionId=3'])
    expect(hideInText(text)).toBe(text)
})

it('says each thing once', () => {
  const { lines, log } = collect()
  const once = createOnceLog(log)
  expect([once('key:foo', { key: 'foo' }, 'ignored'), once('key:foo', { key: 'foo' }, 'ignored'), once('key:bar', {}, 'ignored')]).toEqual([
    true,
    false,
    true,
  ])
  expect(lines).toHaveLength(2)
})
