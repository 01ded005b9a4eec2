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
/** All code of tests, but for the benches, which search for nothing. */
const OF_TESTS = /\.(test|contract|fixture)\.ts$|^(apps\/\w+\/test|packages\/\w+\/test|test\/(?!bench\/))\/?.*\.ts$/
const ALL = /^/
/** A text that is spelled out: nothing is put into it, and it is neither a path, a URN nor the name of a variable. */
const SPELLED_OUT = String.raw`(["'\`])(?!apps\/|\/|urn:|[A-Z_]+\1)[^"'\`$]+\1`
const CREDENTIALS =
  'password|passphrase|secret|clientSecret|client_secret|token|(?:access|refresh|subject)(?:Token|_token)|x-api-key|[A-Z_]*(?:TOKEN|SECRET|PASSWORD)'
const SECRET = 'a secret that a search for leaks would not find: make it by `makeSecret` (test/leaks/secrets.ts)'

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
  { pattern: new RegExp(String.raw`\b(?:new Secret|bearer)\(${SPELLED_OUT}`), files: OF_TESTS, reason: SECRET },
  { pattern: new RegExp(String.raw`\bbasic\('[^']*', ${SPELLED_OUT}`), files: OF_TESTS, reason: SECRET },
  { pattern: new RegExp(String.raw`(?<![\w.-])["']?(?:${CREDENTIALS})["']?: ${SPELLED_OUT}`), files: OF_TESTS, reason: SECRET },
  {
    pattern: new RegExp(String.raw`\bconst \w*(?:TOKEN|[tT]oken|SECRET|[sS]ecret|PASSWORD|[pP]assword)\w* = ${SPELLED_OUT}`),
    files: OF_TESTS,
    reason: SECRET,
  },
  { pattern: /(["'`])Bearer [^\s$"'`]+\1/, files: OF_TESTS, reason: SECRET },
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
