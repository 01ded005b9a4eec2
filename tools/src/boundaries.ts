/**
 * Checks the directions of imports and the purity of packages/federation by the rules of `boundaries/rules.ts`. Test files are free.
 *
 *     node tools/src/boundaries.ts [ROOT]
 */
import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { RULES } from './boundaries/rules.ts'
import { readSource } from './boundaries/source-file.ts'

export interface Violation {
  rule: string
  /** From the root, with slashes. */
  file: string
  line: number
  what: string
  sentence: string
  fix: string
}

/** Tests, suites of ports, and the builders that both use. */
const FREE = /\.(test|contract)\.ts$|\/src\/stores\/(login-)?contract\//

/** Every breach of every rule below `root`, by file and line. */
export function findViolations(root: string): Violation[] {
  const paths = globSync('{packages,apps}/*/src/**/*.{ts,tsx,mts,cts,js,mjs,cjs}', { cwd: root })
    .map(path => path.split(sep).join('/'))
    .filter(path => !FREE.test(path))
    .sort((a, b) => (a < b ? -1 : 1))
  return paths.flatMap(path => {
    const file = readSource(path, readFileSync(join(root, path), 'utf8'))
    return RULES.flatMap(({ name, sentence, fix, breaches }) =>
      breaches(file).map(({ line, what }) => ({ rule: name, file: path, line, what, sentence, fix })),
    )
  })
}

if (import.meta.main) {
  const violations = findViolations(process.argv[2] ?? join(import.meta.dirname, '../..'))
  for (const { rule, file, line, what, sentence, fix } of violations) {
    console.error(`${file}:${line}  ${what}\n  ${rule}: ${sentence}\n  ${fix}`)
  }
  if (violations.length > 0) process.exitCode = 1
}
