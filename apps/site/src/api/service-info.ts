/**
 * How the site describes itself. Only keys of the standard; what else is worth knowing stands in the description.
 */
import type { TesServiceInfo } from '@portolan/tes'
import type { SiteOptions } from '../options.ts'
import type { Runner } from '../runners/runner.ts'

export interface ServiceFacts {
  readonly options: SiteOptions
  readonly runners: readonly Runner[]
  readonly slots: number
  /** Where its data server is, if it has one. */
  readonly dataUrl?: string | undefined
  readonly version: string
}

export function describeService(facts: ServiceFacts): TesServiceInfo {
  const { options, runners } = facts
  const name = options.name ?? options.id
  const promise = runners.map(runner => runner.promise).join(' | ')
  const choice = options.runner === 'auto' ? 'the first that runs the image of the task: ' : ''
  const where = options.country === undefined ? '' : `country: ${options.country}; `
  const buckets = Object.keys(options.buckets ?? {}).map(name => `s3://${name}/`)
  const fileRoots = (options.fileRoots ?? []).map(folder => `file://${folder}`)
  return {
    id: options.id,
    name,
    type: { group: 'org.ga4gh', artifact: 'tes', version: '1.1.0' },
    description: `${where}${choice}${promise}; ${facts.slots} tasks at a time`,
    organization: { name, url: options.publicUrl ?? facts.dataUrl ?? 'http://127.0.0.1' },
    version: facts.version,
    storage: [...(facts.dataUrl === undefined ? [] : [facts.dataUrl]), ...buckets, ...fileRoots],
    tesResources_backend_parameters: [],
  }
}
