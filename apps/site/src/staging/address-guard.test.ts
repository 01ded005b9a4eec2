import { describe, expect, it } from 'vitest'
import { isInnerAddress, resolveAddress } from './address-guard.ts'

describe('an address', () => {
  const inner = [
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '0.0.0.0',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
  ]
  for (const address of inner) it(`${address} is of an inner network`, () => expect(isInnerAddress(address)).toBe(true))
  for (const address of ['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1']) {
    it(`${address} is of the public internet`, () => expect(isInnerAddress(address)).toBe(false))
  }
})

describe('a URL', () => {
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '169.254.169.254', 'localhost']) {
    it(`with the host ${host} is refused unless it is declared`, async () => {
      const url = new URL(`http://${host}:8080/`)
      await expect(resolveAddress(url, false)).rejects.toThrow(`declare it with --fetch ${url.origin}`)
      expect((await resolveAddress(url, true)).address).toBeTypeOf('string')
    })
  }
})
