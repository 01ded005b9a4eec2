import { describe, expect, it } from 'vitest'
import { isForbiddenAddress } from './forbidden-addresses.ts'

describe('T15 a forbidden address', () => {
  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.100.100.200',
    '169.254.169.254',
    '168.63.129.16',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    'fe80::1%eth0',
    'fd00::1',
    'fd00:ec2::254',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '64:ff9b:1::1',
    'fec0::1',
    'fe80::1',
    'fc00::1',
    'ff02::1',
    'localhost',
    '192.0.0.8',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '240.0.0.1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '::ffff:0:127.0.0.1',
    '::ffff:0:a9fe:a9fe',
    undefined,
  ])('is %s', address => {
    expect(isForbiddenAddress(address)).toBe(true)
  })
  it.each(['1.1.1.1', '172.15.0.1', '172.32.0.1', '193.62.193.80', '2a00:1450:4001:830::200e', '::ffff:1.1.1.1'])('is not %s', address => {
    expect(isForbiddenAddress(address)).toBe(false)
  })
})
