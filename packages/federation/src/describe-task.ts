/**
 * Makes of a TES task what placement needs to know of it, and nothing else.
 */
import type { TesTask } from '@portolan/tes'
import { isHintKey, readHints } from './hints.ts'
import type { ProjectId, SiteId, WorkId } from './ids.ts'
import type { LocatedInput, Work } from './work.ts'

/** What the broker knows of a task beside its document. */
export interface TaskMeta {
  readonly id: WorkId
  readonly project: ProjectId
  /** Length of the document as it would be sent, UTF-8 bytes. */
  readonly documentBytes: number
  readonly triedSites: readonly SiteId[]
  /** Where it is sent again first, because the site surely does not have what was sent. */
  readonly resendTo?: SiteId | undefined
  /** Tasks of the same project that wait or run at sites, without this one. */
  readonly underWay?: number | undefined
}

const BYTES_PER_GB = 1e9

/**
 * The work item of a task. `located` is what the locators said of its inputs, one for each URL of an input, in any order; an input that is not
 * among them counts as of unknown place and size. Resources that are not named count as one core and no RAM or disk;
 * a part of a core counts as a whole one, since that is what a site gives.
 */
export function describeTask(task: TesTask, meta: TaskMeta, located: readonly LocatedInput[]): Work {
  const resources = task.resources
  const parameters = Object.keys(resources?.backend_parameters ?? {}).filter(name => !isHintKey(name))
  return {
    id: meta.id,
    kind: 'task',
    project: meta.project,
    images: [...new Set(task.executors.map(executor => executor.image))],
    inputs: describeInputs(task, located),
    outputs: (task.outputs ?? []).map(({ url, path }) => ({ url, path })),
    cpuCores: Math.ceil(resources?.cpu_cores ?? 1),
    ramBytes: Math.ceil((resources?.ram_gb ?? 0) * BYTES_PER_GB),
    diskBytes: Math.ceil((resources?.disk_gb ?? 0) * BYTES_PER_GB),
    features: {
      ignoreError: task.executors.some(executor => executor.ignore_error === true),
      wildcards: (task.outputs ?? []).some(output => /[*?[]/.test(output.path)),
    },
    backendParameters: parameters.map(name => name.toLowerCase()),
    backendParametersStrict: resources?.backend_parameters_strict ?? false,
    documentBytes: meta.documentBytes,
    hints: readHints(task).hints,
    triedSites: meta.triedSites,
    ...(meta.resendTo !== undefined && { resendTo: meta.resendTo }),
    ...(meta.underWay !== undefined && { underWay: meta.underWay }),
  }
}

function describeInputs(task: TesTask, located: readonly LocatedInput[]): readonly LocatedInput[] {
  const byPath = new Map(located.map(input => [inputKey(input), input]))
  return (task.inputs ?? []).map(input => {
    if (hasContent(input)) return { path: input.path, replicas: [], bytes: input.content?.length ?? 0, files: 1, assumed: false }
    const known = byPath.get(inputKey(input)) ?? { url: input.url, path: input.path, replicas: [], bytes: 0, files: 1, assumed: true }
    return input.type === 'DIRECTORY' ? { ...known, directory: true } : known
  })
}

function inputKey(input: { readonly url?: string | undefined; readonly path: string }): string {
  return JSON.stringify([input.url ?? '', input.path])
}

/** True if the input is given inline: content that is not empty wins over a URL (TES 1.1, `tesInput`). */
export function hasContent(input: { readonly content?: string | undefined; readonly url?: string | undefined }): boolean {
  return (input.content !== undefined && input.content !== '') || input.url === undefined || input.url === ''
}
