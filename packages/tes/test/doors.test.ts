import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

/** Everything outside the two packages that a source file and what it imports load at run time. */
async function packagesBehind(entry: URL, seen = new Set<string>()): Promise<Set<string>> {
  const outside = new Set<string>()
  if (seen.has(entry.href)) return outside
  seen.add(entry.href)
  const text = await readFile(fileURLToPath(entry), 'utf8')
  for (const [, name = ''] of text.matchAll(/^(?:import|export)\b(?! type\b)[^'"]*?from '([^']+)'/gms)) {
    if (name.startsWith('.')) for (const found of await packagesBehind(new URL(name, entry), seen)) outside.add(found)
    else if (name.startsWith('@portolan/ga4gh')) {
      const door = name === '@portolan/ga4gh' ? 'index' : name.slice('@portolan/ga4gh/'.length)
      for (const found of await packagesBehind(new URL(`../../ga4gh/src/${door}.ts`, import.meta.url), seen)) outside.add(found)
    } else outside.add(name)
  }
  return outside
}

it.each([
  ['.', '../src/index.ts', ['zod/mini']],
  ['./client', '../src/client/index.ts', ['zod/mini']],
  ['./server', '../src/server/index.ts', ['express', 'node:buffer', 'node:fs', 'node:net', 'openapi-backend', 'yaml', 'zod/mini']],
])('the door %s loads only what it says', async (_door, entry, expected) => {
  const found = await packagesBehind(new URL(entry, import.meta.url))
  expect([...found].sort((a, b) => (a < b ? -1 : 1))).toEqual(expected)
})
