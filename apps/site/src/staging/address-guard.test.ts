import { describe, expect, it } from 'vitest'
import { resolveAddress } from './address-guard.ts'

describe('a URL', () => {
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    '[2002:7f00:1::]',
    '[64:ff9b:1::1]',
    '[fec0::1]',
    'localhost',
  ]) {
    it(`with the host ${host} is refused unless it is declared`, async () => {
      const url = new URL(`http://${host}:8080/`)
      await expect(resolveAddress(url, false)).rejects.toThrow(`declare it with --fetch ${url.origin}`)
      expect((await resolveAddress(url, true)).address).toBeTypeOf('string')
    })
  }
})
