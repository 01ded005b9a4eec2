/**
 * Declared rules whose check cannot decide yet. They load, they fail closed, and the operator is told. Which keys those are says the federation.
 */
import { isDeclared, PREFIX_RULES, PROJECT_RULES, type RuleKey, SITE_RULES } from '@portolan/federation'
import type { LocationFile } from './location-file.ts'
import type { Path } from './problem.ts'
import type { ProjectFile } from './project-file.ts'
import type { PolicyFile } from './site-file.ts'

interface Unchecked {
  readonly path: Path
  readonly message: string
}

function undecided(section: object, table: Readonly<Record<string, RuleKey | null>>, prefix = ''): string[] {
  return Object.entries(section).flatMap(([key, value]) => (isDeclared(value) && table[`${prefix}${key}`]?.how === 'closed' ? [key] : []))
}

export function uncheckedSiteKeys({ images, ...policy }: PolicyFile): Unchecked[] {
  const paths = [
    ...undecided(policy, SITE_RULES).map(key => ['policy', key]),
    ...undecided(images ?? {}, SITE_RULES, 'images.').map(key => ['policy', 'images', key]),
  ]
  return paths.map(path => ({ path, message: 'is declared, not yet supported: every task is refused there' }))
}

export function uncheckedLocationKeys(file: LocationFile): Unchecked[] {
  return file.prefixes.flatMap((prefix, index) => {
    const keys = undecided(prefix, PREFIX_RULES).map(key => ({
      path: ['prefixes', index, key],
      message: 'is declared, not yet supported: every task on this data is refused',
    }))
    const compute = prefix.access === 'compute' || (prefix.access === undefined && prefix.sensitivity === 'controlled')
    if (!compute) return keys
    return [
      ...keys,
      { path: ['prefixes', index], message: 'is for approved work only, which is not yet supported: every task on this data is refused' },
    ]
  })
}

export function uncheckedProjectKeys(file: ProjectFile): Unchecked[] {
  const { quota, ...rest } = file
  const paths = [
    ...undecided(rest, PROJECT_RULES).map(key => [key]),
    ...undecided(quota ?? {}, PROJECT_RULES, 'quota.').map(key => ['quota', key]),
  ]
  return paths.map(path => ({
    path,
    message: 'is declared, not yet supported: every task of the project waits',
  }))
}
