/**
 * Looks for texts that no tracked file may hold: paths of one machine, hosts of package registries, notes of unfinished work, tests that do
 * not run. The patterns are written so that they do not match themselves.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from './tracked-files.ts'

interface Ban {
  pattern: RegExp
  /** Which files it counts in. */
  files: RegExp
  reason: string
}

const CODE = /\.tsx?$/
const TESTS = /\.(test|contract)\.ts$/
const ALL = /^/

const BANS: readonly Ban[] = [
  { pattern: /\.\.[/]shared\b/, files: ALL, reason: 'a folder that is not part of the project' },
  { pattern: /(?<![\w.-])\/(work|farm)\/(main|shared|wt|[.]library)\b/, files: ALL, reason: 'a path of one machine' },
  { pattern: /registry[.](npmjs|yarnpkg)|pypi[.]org|proxy[.]golang|repo1?[.]maven/, files: ALL, reason: 'the host of a package registry' },
  { pattern: /\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/, files: ALL, reason: 'work left open' },
  {
    pattern: /@ts-(ignore|nocheck)|(biome|oxlint|eslint)-(ignore|disable)/,
    files: CODE,
    reason: 'a way round the type checker or the linter',
  },
  { pattern: /\b(it|test|describe)[.](skip|todo|only|fails)\b|[.](skip|run)If\b/, files: TESTS, reason: 'a test that may not run' },
]

export interface Finding {
  file: string
  line: number
  text: string
  reason: string
}

export function findWords(file: string, content: string): Finding[] {
  const bans = BANS.filter(ban => ban.files.test(file))
  return content
    .split('\n')
    .flatMap((text, index) =>
      bans.filter(ban => ban.pattern.test(text)).map(({ reason }) => ({ file, line: index + 1, text: text.trim().slice(0, 120), reason })),
    )
}

function readTracked(root: string): { file: string; content: string }[] {
  return listFiles(root)
    .map(file => ({ file, bytes: readFileSync(join(root, file)) }))
    .filter(({ bytes }) => !bytes.includes(0))
    .map(({ file, bytes }) => ({ file, content: bytes.toString() }))
}

if (import.meta.main) {
  const findings = readTracked(join(import.meta.dirname, '../..')).flatMap(({ file, content }) => findWords(file, content))
  for (const { file, line, text, reason } of findings) console.error(`${file}:${line}  ${reason}: ${text}`)
  if (findings.length > 0) process.exitCode = 1
}
