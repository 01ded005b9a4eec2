/**
 * Declared rules whose check is not built yet. They load, they fail closed, and the operator is told.
 */
import type { LocationFile } from './location-file.ts'
import type { Path } from './problem.ts'
import type { ProjectFile } from './project-file.ts'
import type { PolicyFile } from './site-file.ts'

const SITE_KEYS = [
  'groups',
  'countries',
  'affiliations',
  'terms',
  'assurance',
  'mfa',
  'visas',
  'visaMarginHours',
  'approvedWorkOnly',
  'egressReview',
  'isolation',
  'quota',
] as const satisfies readonly (keyof PolicyFile)[]
const IMAGE_KEYS = ['base', 'signed'] as const
const PREFIX_KEYS = ['groups', 'visas', 'isolation', 'egressReview'] as const

const REFUSED_HERE = 'is declared, not yet supported: every task is refused there'

interface Unchecked {
  readonly path: Path
  readonly message: string
}

/** Rules of a site that no check decides yet. `false` where a yes or no is asked declares nothing. */
export function uncheckedSiteKeys(policy: PolicyFile): Unchecked[] {
  const own = SITE_KEYS.filter(key => isDeclared(policy[key])).map(key => ['policy', key])
  const images = IMAGE_KEYS.filter(key => isDeclared(policy.images?.[key])).map(key => ['policy', 'images', key])
  return [...own, ...images].map(path => ({ path, message: REFUSED_HERE }))
}

export function uncheckedLocationKeys(file: LocationFile): Unchecked[] {
  return file.prefixes.flatMap((prefix, index) => {
    const keys = PREFIX_KEYS.filter(key => isDeclared(prefix[key])).map(key => ({
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
  return file.quota === undefined ? [] : [{ path: ['quota'], message: 'is declared, not yet supported: every task of the project waits' }]
}

function isDeclared(value: unknown): boolean {
  return value !== undefined && value !== false
}
