/**
 * Each rule finds the one breach that is planted for it, and nothing else; clean code passes.
 */
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RULES } from '../src/boundaries/rules.ts'
import { readSource } from '../src/boundaries/source-file.ts'
import { findViolations } from '../src/boundaries.ts'

const fixtures = `${import.meta.dirname}/fixtures/boundaries`

describe('the boundaries', () => {
  it('hold in this workspace', () => {
    expect(findViolations(`${import.meta.dirname}/../..`)).toEqual([])
  })

  it('hold in clean code that only talks about breaches', () => {
    expect(findViolations(`${fixtures}/clean`)).toEqual([])
  })

  it('have one planted breach for each rule', () => {
    expect(readdirSync(fixtures).sort()).toEqual(['clean', ...RULES.map(rule => rule.name)].sort())
  })

  it.each(RULES.map(rule => rule.name))('are broken once where %s is broken', name => {
    expect(findViolations(`${fixtures}/${name}`).map(violation => violation.rule)).toEqual([name])
  })
})

describe('T15 in the broker outside of http/', () => {
  const out = RULES.find(({ name }) => name === 'nothing-else-goes-out')
  const breaches = (path: string, source: string): number => out?.breaches(readSource(path, source)).length ?? -1

  it.each([
    "import http from 'node:http'",
    "import * as http from 'node:http'",
    "import { request } from 'node:http'",
    "import { createServer, get } from 'node:http'",
    "import { request } from 'node:https'",
    "import { connect } from 'node:net'",
    "import { connect as open } from 'node:tls'",
    "import { lookup } from 'node:dns'",
    "import { fetch } from 'undici'",
    "import { execFile } from 'node:child_process'",
    "const { get } = await import('node:http')",
    "import { discovery } from 'openid-client'",
    "import * as client from 'openid-client'",
    "import { createRemoteJWKSet, jwtVerify } from 'jose'",
    "import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'",
    "import { getSignedUrl } from '@aws-sdk/s3-request-presigner'",
  ])('%s opens connections', source => {
    expect(breaches('apps/broker/src/sites/a.ts', source)).toBe(1)
    expect(breaches('apps/broker/src/http/a.ts', source)).toBe(0)
  })

  it.each([
    "import { createServer, type Server } from 'node:http'",
    "import type { request } from 'node:http'",
    "import { type Agent } from 'node:http'",
    "import { BlockList, isIP } from 'node:net'",
    "import { authorizationCodeGrant, type Configuration } from 'openid-client'",
    "import { jwtVerify } from 'jose'",
    "import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'",
  ])('%s opens none', source => {
    expect(breaches('apps/broker/src/sites/a.ts', source)).toBe(0)
  })
})

describe('the purity of packages/federation', () => {
  const found = (source: string): string[] =>
    RULES.filter(({ name }) => name.startsWith('federation-') || name === 'imports-can-be-read').flatMap(({ name, breaches }) =>
      breaches(readSource('packages/federation/src/a.ts', source)).map(() => name),
    )

  it.each([
    ['new Date()', 'federation-is-pure'],
    ['const { random } = Math', 'federation-is-pure'],
    ["Reflect.get(Math, 'floor')", 'federation-is-pure'],
    ["new Function('return 1')()", 'federation-is-pure'],
    ["const now = (() => 1).constructor('return 1')()", 'federation-is-pure'],
    ['Atomics.wait(cells, 0, 0, 100)', 'federation-is-pure'],
    ['const now = D\\u0061te.now()', 'federation-is-pure'],
    ['const now = when.toLocaleDateString()', 'federation-is-pure'],
    ['const here = import.meta', 'federation-is-pure'],
    ['declare const navigator: { userAgent: string }', 'federation-is-pure'],
    ['/// <reference types="node" />', 'federation-is-pure'],
    ['ids.sort()', 'federation-sorts-with-a-comparator'],
    ['ids.toSorted(undefined)', 'federation-sorts-with-a-comparator'],
    ['ids.sort?.()', 'federation-sorts-with-a-comparator'],
    ['Array.prototype.sort.call(ids)', 'federation-sorts-with-a-comparator'],
    ['await import(name)', 'imports-can-be-read'],
    ["await import('./a' + name)", 'imports-can-be-read'],
    [`await import(\`./\${name}\`)`, 'imports-can-be-read'],
  ])('is broken by %s', (source, rule) => {
    expect(new Set(found(source))).toContain(rule)
  })

  it.each(['declare const brand: unique symbol', 'const most = Math.max(1, 2)', 'ids.toSorted(compare)', 'const a: { Date: string } = b'])(
    'is not broken by %s',
    source => {
      expect(found(source)).toEqual([])
    },
  )
})

describe('an import is found as', () => {
  it.each([
    ["import 'a'", ['a']],
    ["import a from 'b'", ['b']],
    ["import a, { type b } from 'c'", ['c']],
    ["import * as a from 'b'", ['b']],
    ["import type { a } from 'b'", ['type b']],
    ["import type from 'b'", ['b']],
    ["import {\n  a, // from 'x'\n} from 'b'", ['b']],
    ["export { a } from 'b'", ['b']],
    ["export type { a } from 'b'", ['type b']],
    ["export * as a from 'b'", ['b']],
    ["const a = await import('b')", ['b']],
    ["type a = import('b').C", ['b']],
    [`const a = \`\${await import('b')}\``, ['b']],
    ["export { a }\nconst from = 'b'", []],
    ["export const a = { from: 'b' }", []],
    ["a.import('b')", []],
    ['import.meta.dirname', []],
    ["const a = b / 2; import 'c'; const d = 4 / 2", ['c']],
    ['const a = /[/]import "b"/', []],
    ["const a = b++ / c; import 'd' /* / */", ['d']],
  ])('%s', (source, expected) => {
    expect(readSource('a.ts', source).imports.map(entry => (entry.typeOnly ? `type ${entry.specifier}` : entry.specifier))).toEqual(
      expected,
    )
  })
})
