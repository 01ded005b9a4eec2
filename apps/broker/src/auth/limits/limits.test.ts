import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { convertRates, RatesFile } from '../../config/rates-file.ts'
import { addressKey, clientAddress, readProxyTrust, UNKNOWN_ADDRESS } from './client-address.ts'
import { bucketsOf } from './door-rules.ts'
import { type Bucket, MOST_DELAY_MS, retryAfter, takeLate, takeToken } from './token-bucket.ts'

const DOOR_RULES = convertRates(RatesFile.parse({}))
const rules = fc.record({ burst: fc.integer({ min: 1, max: 50 }), perSecond: fc.double({ min: 0.01, max: 100, noNaN: true }) })
const pauses = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 200 })

describe('T16 a token bucket', () => {
  it('never lets through more than its burst and its rate allow', () => {
    fc.assert(
      fc.property(rules, pauses, (rule, steps) => {
        let bucket: Bucket | undefined
        let now = 0
        let taken = 0
        for (const step of steps) {
          now += step
          const answer = takeToken(bucket, rule, now)
          bucket = answer.bucket
          if (answer.outcome === 'taken') taken++
          expect(taken).toBeLessThanOrEqual(rule.burst + (now / 1_000) * rule.perSecond + 1e-6)
        }
      }),
    )
  })

  it('lets in whoever waits as long as it says, and nobody who waits less', () => {
    fc.assert(
      fc.property(rules, rule => {
        let bucket: Bucket | undefined
        for (let count = 0; count < rule.burst; count++) bucket = takeToken(bucket, rule, 0).bucket
        const refused = takeToken(bucket, rule, 0)
        if (refused.outcome !== 'refused') throw new Error('the burst is not over')
        expect(takeToken(refused.bucket, rule, refused.waitMs).outcome).toBe('taken')
        expect(takeToken(refused.bucket, rule, refused.waitMs - 2).outcome).toBe('refused')
      }),
    )
  })

  it('answers polls late by no more than two seconds, and in time again soon after', () => {
    fc.assert(
      fc.property(rules, pauses, (rule, steps) => {
        let bucket: Bucket | undefined
        let now = 0
        for (const step of steps) {
          now += step
          const late = takeLate(bucket, rule, now)
          bucket = late.bucket
          expect(late.delayMs).toBeGreaterThanOrEqual(0)
          expect(late.delayMs).toBeLessThanOrEqual(MOST_DELAY_MS)
        }
        const rested = now + MOST_DELAY_MS + 1_000 / rule.perSecond
        expect(takeLate(bucket, rule, Math.ceil(rested) + 1).delayMs).toBe(0)
      }),
    )
  })

  it('gives and takes nothing when the clock is set back', () => {
    const { bucket } = takeToken({ level: 2, at: 10_000 }, { burst: 5, perSecond: 1 }, 0)
    expect(bucket).toEqual({ level: 1, at: 0 })
  })

  it('asks to retry after whole seconds, at least one', () => {
    expect([0, 1, 1_000, 1_001].map(retryAfter)).toEqual(['1', '1', '1', '2'])
  })
})

describe('T16 the address of a client', () => {
  const near = ['10.0.0.1', '192.168.0.0/16', 'fd00::/8']
  const rows: readonly [string, string | undefined, string | undefined, boolean | readonly string[], string][] = [
    ['who has connected', '203.0.113.7', undefined, false, '203.0.113.7'],
    ['who has connected, whatever they write', '203.0.113.7', '1.2.3.4', false, '203.0.113.7'],
    ['who has connected, if they are no proxy of ours', '203.0.113.7', '1.2.3.4', near, '203.0.113.7'],
    ['who our proxy has seen', '10.0.0.1', '1.2.3.4', near, '1.2.3.4'],
    ['who the first of our proxies has seen', '10.0.0.1', '1.2.3.4, 192.168.7.7', near, '1.2.3.4'],
    ['not what they wrote before it came to our proxy', '10.0.0.1', '9.9.9.9, 1.2.3.4', near, '1.2.3.4'],
    ['not what they wrote, either, if everybody is believed', '10.9.9.9', '9.9.9.9, 1.2.3.4', true, '1.2.3.4'],
    ['nobody, where a believed proxy has seen nonsense', '10.0.0.1', '1.2.3.4, evil, 192.168.7.7', near, UNKNOWN_ADDRESS],
    ['nobody, if our proxy names nobody', '10.0.0.1', '', near, UNKNOWN_ADDRESS],
    ['nobody, if our proxy listens on a socket of the file system', '10.0.0.1', '1.2.3.4, unix:', near, UNKNOWN_ADDRESS],
    ['in brackets, with a port', '10.0.0.1', '[2001:db8::1]:443', near, '2001:db8::1'],
    ['with a port', '10.0.0.1', '1.2.3.4:5678', near, '1.2.3.4'],
    ['IPv4 in IPv6, as a proxy', '::ffff:10.0.0.1', '1.2.3.4', near, '1.2.3.4'],
    ['IPv6, as a proxy', 'fd12::1', '2001:DB8::1', near, '2001:db8::1'],
    ['nobody, for a connection that is gone', undefined, '1.2.3.4', near, UNKNOWN_ADDRESS],
    ['who our proxy has seen, however much they wrote before', '10.0.0.1', `${'10.0.0.9,'.repeat(1_000)}1.2.3.4`, near, '1.2.3.4'],
    ['nobody, if the list is endless and ends with nobody', '10.0.0.1', '1.2.3.4,'.repeat(1_000), near, UNKNOWN_ADDRESS],
  ]
  it.each(rows)('is %s', (_, remote, forwarded, trust, expected) => {
    expect(clientAddress(remote, forwarded, readProxyTrust(trust))).toBe(expected)
  })

  it('is one that a proxy wrote, or that has connected, whatever is sent', () => {
    const part = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: 'binary', maxLength: 30 }))
    const lists = fc.array(part, { maxLength: 8 }).map(parts => parts.join(','))
    fc.assert(
      fc.property(lists, fc.ipV4(), fc.boolean(), (before, last, trust) => {
        expect(clientAddress('203.0.113.7', `${before},${last}`, readProxyTrust(trust))).toBe(trust ? last : '203.0.113.7')
      }),
    )
  })

  it.each(['proxy.example.org', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129', ''])('cannot be believed from %j', entry => {
    expect(() => readProxyTrust([entry])).toThrow('server.trustProxy')
  })
})

describe('T16 the bucket of an address', () => {
  const rows: readonly [string, string, string][] = [
    ['IPv4', '203.0.113.7', '203.0.113.7'],
    ['IPv4 in IPv6', '::ffff:203.0.113.7', '203.0.113.7'],
    ['IPv4 in IPv6, in hex', '::ffff:cb00:7107', '203.0.113.7'],
    ['IPv4 that a NAT64 has translated', '64:ff9b::203.0.113.7', '203.0.113.7'],
    ['IPv4 that a NAT64 has translated, in hex', '64:ff9b::cb00:7107', '203.0.113.7'],
    ['IPv6 beside that of a NAT64', '64:ff9b:1::cb00:7107', '64:ff9b:1:0::/64'],
    ['IPv6, by its first half', '2001:0db8:0:1:a:b:c:d', '2001:db8:0:1::/64'],
    ['IPv6, shortened', '2001:db8::1', '2001:db8:0:0::/64'],
    ['IPv6 with a zone', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['the loopback of IPv6', '::1', '0:0:0:0::/64'],
    ['none', 'nobody', UNKNOWN_ADDRESS],
  ]
  it.each(rows)('is kept for %s', (_, address, key) => {
    expect(addressKey(address)).toBe(key)
  })

  it('is one for all that share 64 bits, and another for others', () => {
    const groups = fc.array(
      fc.integer({ min: 0x2000, max: 0xffff }).map(group => group.toString(16)),
      { minLength: 4, maxLength: 4 },
    )
    fc.assert(
      fc.property(groups, groups, groups, (net, one, other) => {
        expect(addressKey([...net, ...one].join(':'))).toBe(addressKey([...net, ...other].join(':')))
        fc.pre(net.join() !== other.join())
        expect(addressKey([...net, ...one].join(':'))).not.toBe(addressKey([...other, ...one].join(':')))
      }),
    )
  })
})

it('T14 a user code is not found by trying: an address has 111 tries in the ten minutes of a code, and is told to wait for each further one', () => {
  const [use] = bucketsOf('code', { address: '1.2.3.4' }, DOOR_RULES)
  let bucket: Bucket | undefined
  const answers = Array.from({ length: 60_001 }, (_, index) => {
    const answer = takeToken(bucket, use?.rule ?? { burst: 0, perSecond: 0 }, index * 10)
    bucket = answer.bucket
    return answer.outcome
  })
  const taken = answers.filter(outcome => outcome === 'taken').length
  expect(taken).toBeGreaterThanOrEqual(109)
  expect(taken).toBeLessThanOrEqual(111)
})

describe('T16 the buckets of an act', () => {
  const person = { issuer: 'https://login/', subject: 'ada' }
  it('are those of the person and of the address', () => {
    expect(bucketsOf('create', { address: '2001:db8::1', person }, DOOR_RULES)).toEqual([
      { key: 'create person ["https://login/","ada"]', rule: DOOR_RULES.person.create },
      { key: 'create address 2001:db8:0:0::/64', rule: DOOR_RULES.address.create },
    ])
  })

  it('are that of the address alone while nobody is known', () => {
    expect(bucketsOf('failure', { address: '1.2.3.4' }, DOOR_RULES).map(({ key }) => key)).toEqual(['failure address 1.2.3.4'])
  })

  it('T16 are that of the network too, where an IPv6 subscriber could come from each of its addresses', () => {
    const uses = bucketsOf('login', { address: '2001:db8:7:ff01::1' }, DOOR_RULES)
    const { burst, perSecond } = DOOR_RULES.address.login
    expect(uses).toEqual([
      { key: 'login address 2001:db8:7:ff01::/64', rule: { burst, perSecond } },
      { key: 'login network 2001:db8:7:ff00::/56', rule: { burst: burst * 2, perSecond: perSecond * 2 } },
      { key: 'login network 2001:db8:7::/48', rule: { burst: burst * 5, perSecond: perSecond * 5 } },
    ])
    for (const act of ['code', 'failure'] as const) expect(bucketsOf(act, { address: '2001:db8::1' }, DOOR_RULES)).toHaveLength(3)
    for (const address of ['1.2.3.4', '64:ff9b::1.2.3.4', 'unknown']) expect(bucketsOf('login', { address }, DOOR_RULES)).toHaveLength(1)
    for (const act of ['create', 'poll'] as const) expect(bucketsOf(act, { address: '2001:db8::1' }, DOOR_RULES)).toHaveLength(1)
  })

  it('are never shared by two persons', () => {
    const [one] = bucketsOf('create', { address: '', person: { issuer: 'a', subject: 'b","c' } }, DOOR_RULES)
    const [other] = bucketsOf('create', { address: '', person: { issuer: 'a","b', subject: 'c' } }, DOOR_RULES)
    expect(one?.key).not.toBe(other?.key)
  })
})
