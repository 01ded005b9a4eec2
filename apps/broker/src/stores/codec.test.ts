import { randomBytes } from 'node:crypto'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CodecError, decode, encode } from './codec.ts'
import { makeFolder } from './contract/temporary.ts'
import { KEY_PURPOSES, KeyFileError, openKeyRing, rotateKey, SECRET_PURPOSES } from './key-ring.ts'

describe('T09 codec', () => {
  it.each([
    ['an empty text', ''],
    ['a short text', 'größe 😀'],
    ['a long text that shrinks', 'ACGT'.repeat(100_000)],
    ['a long text that does not', randomBytes(20_000).toString('latin1')],
  ])('gives back %s', async (_, text) => {
    const keys = await openKeyRing(await makeFolder())
    expect(decode(keys, 'work:1:document', encode(keys, 'work:1:document', text))).toBe(text)
  })

  it('does not read a text that was moved, changed or cut, or whose key is missing', async () => {
    const keys = await openKeyRing(await makeFolder())
    const coded = encode(keys, 'work:1:document', 'secret')
    expect(() => decode(keys, 'work:2:document', coded)).toThrow(CodecError)
    for (let place = 0; place < coded.length; place++) {
      const changed = Uint8Array.from(coded, (byte, i) => (i === place ? byte ^ 1 : byte))
      expect(() => decode(keys, 'work:1:document', changed)).toThrow(CodecError)
      expect(() => decode(keys, 'work:1:document', coded.slice(0, place))).toThrow(CodecError)
    }
    const others = await openKeyRing(await makeFolder())
    expect(() => decode(others, 'work:1:document', coded)).toThrow('is missing')
  })
})

describe('key ring', () => {
  it('T09 makes its files once, for nobody else to read, also when two open at once', async () => {
    const dir = await makeFolder()
    const [one, two] = await Promise.all([openKeyRing(dir), openKeyRing(dir)])
    for (const purpose of SECRET_PURPOSES) expect(one.newest(purpose).id).toBe(two.newest(purpose).id)
    for (const purpose of KEY_PURPOSES) {
      expect((await stat(join(dir, `${purpose}.json`))).mode & 0o777).toBe(0o600)
    }
  })

  it('signs with the newest key and checks by the key that signed', async () => {
    const dir = await makeFolder()
    const before = await openKeyRing(dir)
    const old = before.hmac('tags', 'text')
    await rotateKey(dir, 'tags')
    const after = await openKeyRing(dir)
    expect(after.hmac('tags', 'text').keyId).not.toBe(old.keyId)
    expect(after.hmac('tags', 'text', old.keyId)).toEqual(old)
    expect(after.verify('tags', 'text', old.keyId, old.mac)).toBe(true)
    expect(after.verify('tags', 'other', old.keyId, old.mac)).toBe(false)
    expect(after.verify('tags', 'text', old.keyId, '')).toBe(false)
    expect(after.verify('tags', 'text', 'unknown', old.mac)).toBe(false)
  })

  it('refuses a file that it cannot read instead of making a new one', async () => {
    const dir = await makeFolder()
    await openKeyRing(dir)
    await writeFile(join(dir, 'tags.json'), '{"purpose":"tags"')
    await expect(openKeyRing(dir)).rejects.toBeInstanceOf(KeyFileError)
  })
})
