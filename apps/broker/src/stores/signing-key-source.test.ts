import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolder } from './contract/temporary.ts'
import { KeyFileError, openKeyRing, rotateKey } from './key-ring.ts'
import { readSigningKeys } from './signing-key-file.ts'
import { COOL_DOWN_MS, openSigningKeys, RELOAD_MS } from './signing-key-source.ts'

const fail = (error: unknown) => {
  throw error
}

async function makeKeys() {
  const dir = await makeFolder()
  await openKeyRing(dir)
  return { dir, file: join(dir, 'tokens.json') }
}

describe('signing keys', () => {
  it('are made beside the others, also in a folder that has only those', async () => {
    const { dir, file } = await makeKeys()
    const documents = await readFile(join(dir, 'documents.json'), 'utf8')
    await rm(file)
    await Promise.all([openKeyRing(dir), openKeyRing(dir)])
    expect(await readFile(join(dir, 'documents.json'), 'utf8')).toBe(documents)
    const [key, ...others] = await readSigningKeys(dir)
    expect([key.privateKey.asymmetricKeyType, key.publicKey.type, others]).toEqual(['ec', 'public', []])
  })

  it('stay after a rotation, the new one last', async () => {
    const { dir } = await makeKeys()
    const [old] = await readSigningKeys(dir)
    const id = await rotateKey(dir, 'tokens')
    expect((await readSigningKeys(dir)).map(key => key.id)).toEqual([old.id, id])
  })

  it.each([
    ['of another purpose', '{"purpose":"tags","keys":[]}'],
    ['without a key', '{"purpose":"tokens","keys":[]}'],
    ['cut off', '{"purpose":"tokens","ke'],
    [
      'with a key that is none',
      JSON.stringify({
        purpose: 'tokens',
        keys: [{ id: 'a', createdAt: '2026-11-22T10:00:00.000Z', algorithm: 'ES256', privateKey: 'A'.repeat(120) }],
      }),
    ],
  ])('are not read from a file %s, and nothing replaces it', async (_, text) => {
    const { dir, file } = await makeKeys()
    await writeFile(file, text)
    await expect(openSigningKeys(dir, 0, fail)).rejects.toBeInstanceOf(KeyFileError)
    expect(await readFile(file, 'utf8')).toBe(text)
  })
})

describe('the source of signing keys', () => {
  it('sees a rotation within a minute, without a restart', async () => {
    const { dir } = await makeKeys()
    const source = await openSigningKeys(dir, 0, fail)
    await rotateKey(dir, 'tokens')
    expect(source.current(RELOAD_MS - 1)).toHaveLength(1)
    source.current(RELOAD_MS)
    await expect.poll(() => source.current(RELOAD_MS).length).toBe(2)
  })

  it('T19 tells the world of a rotation a minute later, though nobody has asked before', async () => {
    const { dir } = await makeKeys()
    const source = await openSigningKeys(dir, 0, fail)
    await rotateKey(dir, 'tokens')
    expect(await source.newest(RELOAD_MS - 1)).toHaveLength(1)
    expect(await source.newest(RELOAD_MS)).toHaveLength(2)
  })

  it('T19 looks at once for a key that it does not know, but not for every token', async () => {
    const { dir } = await makeKeys()
    const source = await openSigningKeys(dir, 0, fail)
    await rotateKey(dir, 'tokens')
    expect(await source.refresh(COOL_DOWN_MS - 1)).toHaveLength(1)
    expect(await source.refresh(COOL_DOWN_MS)).toHaveLength(2)
    await rotateKey(dir, 'tokens')
    expect(await source.refresh(COOL_DOWN_MS + 1)).toHaveLength(2)
  })

  it('keeps its keys while the file cannot be read, and says so', async () => {
    const { dir, file } = await makeKeys()
    const failures: unknown[] = []
    const source = await openSigningKeys(dir, 0, error => failures.push(error))
    await writeFile(file, '{')
    expect(await source.refresh(RELOAD_MS)).toHaveLength(1)
    expect(failures).toEqual([expect.any(KeyFileError)])
  })
})
