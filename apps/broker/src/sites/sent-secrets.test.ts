import { basic } from '@portolan/ga4gh'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import type { Person } from '../auth/subject-tokens.ts'
import { indexSecrets } from './secret-index.ts'
import { rememberSecrets, type SentSecrets } from './sent-secrets.ts'

const REQUEST = { method: 'GET', url: new URL('https://site.example/'), signal: new AbortController().signal }
const personOf = (at: number): Person => ({ issuer: 'https://login.example/', subject: `person-${at}` })
/** As tokens of one login are: all begin alike. */
const tokenOf = (at: number, round = 0): string => `eyJhbGciOiJSUzI1NiJ9.${btoa(makeSecret(`the token ${round} of person ${at}`))}`

async function send(secrets: SentSecrets, header: string, person?: Person): Promise<void> {
  await secrets.watch(() => ({ authorization: header }), person)(REQUEST)
}

function hide(secrets: SentSecrets, stdout: string): string | undefined {
  return secrets.hideInLog({ logs: [{ exit_code: 0, stdout }], outputs: [] }).logs[0]?.stdout
}

const FORMS: readonly [string, (password: string) => string][] = [
  ['as a site decoded it', password => password],
  ['as it stands in a URL', encodeURIComponent],
  ['as it stands in a URL in small letters', password => encodeURIComponent(password).replace(/%../g, byte => byte.toLowerCase())],
  ['as it stands in a form', password => new URLSearchParams({ a: password }).toString().slice(2)],
  ['as it stands in JSON', password => JSON.stringify(password).slice(1, -1)],
  ['as it was sent', password => Buffer.from(`portolan:${password}`).toString('base64')],
]

describe('what a site was sent is hidden in its logs', () => {
  it('of hundreds of persons, and of the broker itself beside them', async () => {
    const secrets = rememberSecrets()
    const own = makeSecret('own-token-of-the-broker')
    await send(secrets, `Bearer ${own}`)
    for (let at = 0; at < 400; at += 1) await send(secrets, `Bearer ${tokenOf(at)}`, personOf(at))
    const said = [own, ...Array.from({ length: 400 }, (_, at) => tokenOf(at))]
    expect(hide(secrets, said.join('\n'))).toBe(said.map(() => '[hidden]').join('\n'))
  })

  it('the newest of each person, however often others renew theirs', async () => {
    const secrets = rememberSecrets({ own: 2, each: 2, persons: 10, links: 2, hosts: 2 })
    for (const round of [1, 2, 3]) await send(secrets, `Bearer ${tokenOf(1, round)}`, personOf(1))
    for (let round = 0; round < 50; round += 1) await send(secrets, `Bearer ${tokenOf(2, round)}`, personOf(2))
    expect(hide(secrets, [1, 2, 3].map(round => tokenOf(1, round)).join(' '))).toBe(`${tokenOf(1, 1)} [hidden] [hidden]`)
  })

  it('of those persons who were spoken for last', async () => {
    const secrets = rememberSecrets({ own: 2, each: 2, persons: 3, links: 2, hosts: 2 })
    for (const at of [1, 2, 3, 1, 4]) await send(secrets, `Bearer ${tokenOf(at)}`, personOf(at))
    expect(hide(secrets, [1, 2, 3, 4].map(at => tokenOf(at)).join(' '))).toBe(`[hidden] ${tokenOf(2)} [hidden] [hidden]`)
  })

  it('the newest of the broker’s own, which persons do not push out', async () => {
    const secrets = rememberSecrets({ own: 2, each: 2, persons: 3, links: 2, hosts: 2 })
    const own = [1, 2, 3].map(round => makeSecret(`own-token-${round}`))
    for (const token of own) await send(secrets, `Bearer ${token}`)
    for (let at = 0; at < 20; at += 1) await send(secrets, `Bearer ${tokenOf(at)}`, personOf(at))
    expect(hide(secrets, own.join(' '))).toBe(`${own[0]} [hidden] [hidden]`)
  })

  it('T10 of the latest links, whatever opens them', () => {
    const secrets = rememberSecrets({ own: 2, each: 2, persons: 3, links: 2, hosts: 2 })
    const links = [1, 2, 3].map(at => `https://data.example.org/${at}?key=${makeSecret(`link-${at}`)}`)
    for (const link of links) secrets.rememberLinks([link, 'https://open.example.org/x'], [])
    expect(hide(secrets, links.slice(1).join(' '))).toBe('https://data.example.org/2?[hidden] https://data.example.org/3?[hidden]')
    expect(hide(secrets, 'https://open.example.org/x')).toBe('https://open.example.org/x')
  })

  it('T10 of a link that another server gave, whatever in it opens it, also after a restart', () => {
    const token = makeSecret('capability')
    const link = `https://drs.example.org:8443/dl/${token}/x?jwt=${token}`
    const told = (url: string) => [url, encodeURIComponent(url), JSON.stringify(url).replaceAll('/', '\\/'), url.toUpperCase()].join('\n')
    const secrets = rememberSecrets()
    secrets.rememberLinks([link], ['drs.example.org:8443'])
    const again = rememberSecrets()
    again.rememberLinks([], ['drs.example.org:8443'])
    for (const known of [secrets, again]) {
      const shown = hide(known, `${told(link)} and https://other.example.org/dl/x`) ?? ''
      expect(shown.toLowerCase()).not.toContain(token.toLowerCase())
      expect(shown).toContain(' and https://other.example.org/dl/x')
    }
    expect(hide(secrets, `GET /dl/${token}/x?jwt=${token} HTTP/1.1`)).toBe('GET [hidden] HTTP/1.1')
    expect(hide(again, 'see https://drs.example.org:8443 and https://nodrs.example.org:8443/a')).toBe(
      'see https://drs.example.org:8443 and https://nodrs.example.org:8443/a',
    )
  })

  it('T10 of all links of one document, however many', () => {
    const secrets = rememberSecrets({ own: 2, each: 2, persons: 3, links: 2, hosts: 2 })
    const links = Array.from({ length: 50 }, (_, at) => `https://data.example.org/${at}?key=${makeSecret(`link-${at}`)}`)
    secrets.rememberLinks(links, [])
    expect(hide(secrets, links.join(' '))).not.toContain('link-')
  })

  it('T10 of signed links that it never knew, as after a restart', () => {
    const log = { logs: [{ exit_code: 1, stdout: 'got https://s3/b?X-Amz-Signature=ab', stderr: 'https://s3/b?sig=cd' }], outputs: [] }
    const told = {
      ...log,
      metadata: { 'https://s3/b?sig=k': 'https://s3/b?sig=v' },
      system_logs: ['cmd https://s3/b?a=b&X-Amz-Signature=ef'],
    }
    expect(rememberSecrets().hideInLog(told)).toEqual({
      logs: [{ exit_code: 1, stdout: 'got https://s3/b?[hidden]', stderr: 'https://s3/b?[hidden]' }],
      outputs: [],
      metadata: { 'https://s3/b?[hidden]': 'https://s3/b?[hidden]' },
      system_logs: ['cmd https://s3/b?[hidden]'],
    })
  })

  it('as a whole where one that was sent earlier is a part of it', async () => {
    const secrets = rememberSecrets()
    const part = makeSecret('abcdef')
    await send(secrets, `Bearer ${part}`)
    await send(secrets, `Basic ${btoa(`portolan:${part}-and-more`)}`)
    await send(secrets, `Bearer before-${part}-and-more`, personOf(1))
    expect(hide(secrets, `${part}; ${part}-and-more; before-${part}-and-more.`)).toBe('[hidden]; [hidden]; [hidden].')
  })

  it.each(FORMS)('T10 of a password %s', async (_, told) => {
    const secrets = rememberSecrets()
    const password = `${makeSecret('of a site')}: 50% "more" + ä/?`
    await secrets.watch(basic('portolan', password))(REQUEST)
    expect(hide(secrets, `sent: ${told(password)}.`)).toBe('sent: [hidden].')
  })

  it('in every text of a log', async () => {
    const secrets = rememberSecrets()
    const password = makeSecret('canary-password')
    await send(secrets, `Basic ${btoa(`portolan:${password}`)}`)
    const said = `the ${password}`
    const log = { logs: [{ exit_code: 0, stdout: said, stderr: said }], outputs: [], metadata: { [said]: said }, system_logs: [said] }
    expect(JSON.stringify(secrets.hideInLog(log))).not.toContain('canary-password')
  })

  it('but for what would be found in any text', async () => {
    const secrets = rememberSecrets()
    await send(secrets, `Basic ${btoa('portolan:abc')}`)
    expect(hide(secrets, 'abc')).toBe('abc')
  })
})

it.each([
  ['that are much alike', 'ab'],
  ['that share nothing', 'abcdefghijklmnopqrstuvwxyz'],
])('secrets %s are found wherever they stand, as if each were searched for', (_, letters) => {
  const secret = fc.string({ unit: fc.constantFrom(...letters.split('')), minLength: 6, maxLength: 40, size: 'max' })
  const piece = fc.record({ gap: fc.nat(20), which: fc.nat(5) })
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 6 }), fc.array(piece, { maxLength: 8, size: 'max' }), (secrets, pieces) => {
      const text = pieces.map(({ gap, which }) => '.'.repeat(gap) + (secrets[which] ?? '')).join('')
      const byLength = secrets.toSorted((a, b) => b.length - a.length)
      expect(indexSecrets(secrets).hideIn(text)).toBe(byLength.reduce((shown, one) => shown.replaceAll(one, '[hidden]'), text))
    }),
    { numRuns: 1_000 },
  )
})
