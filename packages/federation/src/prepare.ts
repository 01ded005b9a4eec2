/**
 * Writes the document that a site gets: strictly TES 1.1, only what the site may know and understands, with our tags. Pure; places nothing and
 * checks nothing that `place()` has checked.
 */
import type { TesExecutor, TesInput, TesOutput, TesResources, TesTask } from '@portolan/tes'
import { hasContent } from './describe-task.ts'
import { isHintKey } from './hints.ts'
import type { Capabilities, Site } from './site.ts'
import type { InputForm, StagedInput } from './staging.ts'
import { TAG_PREFIX } from './tag-payload.ts'

/** Tags that mean something to the software of a site; a user must not set them there. Compared in upper case. */
export const RESERVED_TAGS = ['GROUP_NAME', '_WORKER_SA'] as const

export interface Prepared {
  readonly document: TesTask
  /** What differs from the submitted task, one sentence each; nothing secret in them. */
  readonly changes: readonly string[]
  /** URLs of the document that open something for whoever holds them: never to be stored with the decision, logged or shown. */
  readonly secrets: readonly string[]
}

const SIGNED_QUERY = /[?&](?:x-amz-signature|x-amz-security-token|x-goog-signature|signature|sig|token|access_token|awsaccesskeyid)=/i

/** What the broker adds to a task. */
export interface OwnParts {
  /** Written as they are. */
  readonly tags: Readonly<Record<string, string>>
  /** In which form the site gets each input, in the order of the task; absent: each as it is. */
  readonly forms?: readonly InputForm[] | undefined
  /** What stands in the place of each input whose form is a link, in their order. */
  readonly staged?: readonly StagedInput[] | undefined
}

/** Prepares the task for one site. Throws if an input is to go as a link that was not made: it must not go as it is. */
export function prepare(task: TesTask, site: Site, own: OwnParts): Prepared {
  const changes: string[] = []
  const { capabilities } = site
  const staged = (own.staged ?? []).values()
  const inputs = task.inputs?.flatMap((input, at) =>
    stage(input, own.forms?.[at], staged, changes).map(file => writeInput(file, capabilities, changes)),
  )
  const outputs = task.outputs?.map(output => writeOutput(output, capabilities, changes))
  const resources = task.resources && writeResources(task.resources, capabilities, changes)
  const document: TesTask = dropAbsent({
    name: task.name,
    description: task.description,
    inputs: inputs?.length ? inputs : undefined,
    outputs: outputs?.length ? outputs : undefined,
    resources: resources && Object.keys(resources).length > 0 ? resources : undefined,
    executors: task.executors.map(executor => writeExecutor(executor, capabilities, changes)),
    volumes: task.volumes?.length ? task.volumes : undefined,
    tags: { ...keepTags(task.tags ?? {}, changes), ...own.tags },
  })
  for (const key of ['id', 'state', 'logs', 'creation_time'] as const)
    if (isGiven(task[key])) changes.push(`${key} is dropped: only a server writes it`)
  const links = (own.staged ?? []).flatMap(({ files }) => files.map(({ url }) => url))
  return { document, changes, secrets: [...new Set([...findSecrets(document), ...links])] }
}

/** What stands in the document for one input: with another URL, or with the files of a directory each by its link. */
function stage(input: TesInput, form: InputForm | undefined, staged: Iterator<StagedInput>, changes: string[]): readonly TesInput[] {
  if (form === undefined || form.kind === 'asIs') return [input]
  if (form.kind === 'replica') {
    changes.push(`input ${input.path} is read from another place`)
    return [{ ...input, url: form.url }]
  }
  const made = form.kind === 'link' ? staged.next() : undefined
  if (made === undefined || made.done === true) throw new Error(`The site cannot read the input ${input.path}, and no link was made`)
  const { files } = made.value
  changes.push(`input ${input.path} is read by ${files.length === 1 ? 'a link' : `${files.length} links`}`)
  return files.map(({ path, url }) => ({ ...input, path, url, type: 'FILE' }))
}

function writeInput(input: TesInput, capabilities: Capabilities, changes: string[]): TesInput {
  const inline = hasContent(input)
  if (inline && isGiven(input.url) && input.url !== '') changes.push(`the url of input ${input.path} is dropped: its content wins`)
  const keepsStreamable = capabilities.streamable && isGiven(input.streamable)
  if (!keepsStreamable && input.streamable === true) changes.push(`streamable of input ${input.path} is dropped: the site does not know it`)
  return dropAbsent({
    name: input.name,
    description: input.description,
    url: inline ? undefined : input.url,
    path: input.path,
    type: input.type,
    content: inline ? (input.content ?? '') : undefined,
    streamable: keepsStreamable ? input.streamable : undefined,
  })
}

/** Without wildcards `path_prefix` means nothing (TES 1.1, `tesOutput`), so a site that does not know it loses nothing. */
function writeOutput(output: TesOutput, capabilities: Capabilities, changes: string[]): TesOutput {
  const dropsPrefix = !capabilities.wildcards && isGiven(output.path_prefix) && !/[*?[]/.test(output.path)
  if (dropsPrefix) changes.push(`path_prefix of output ${output.path} is dropped: the site does not know it`)
  return dropAbsent({
    name: output.name,
    description: output.description,
    url: output.url,
    path: output.path,
    path_prefix: dropsPrefix ? undefined : output.path_prefix,
    type: output.type,
  })
}

function writeExecutor(executor: TesExecutor, capabilities: Capabilities, changes: string[]): TesExecutor {
  const dropsIgnore = !capabilities.ignoreError && executor.ignore_error === false
  if (dropsIgnore) changes.push('ignore_error: false is dropped: the site does not know it')
  return dropAbsent({
    image: executor.image,
    command: executor.command,
    workdir: executor.workdir,
    stdin: executor.stdin,
    stdout: executor.stdout,
    stderr: executor.stderr,
    env: executor.env,
    ignore_error: dropsIgnore ? undefined : executor.ignore_error,
  })
}

function writeResources(resources: TesResources, capabilities: Capabilities, changes: string[]): TesResources {
  const strict = resources.backend_parameters_strict === true
  const parameters = Object.entries(resources.backend_parameters ?? {}).filter(([name]) => {
    if (isHintKey(name)) {
      changes.push(`backend parameter ${name} is dropped: it speaks to the broker`)
      return false
    }
    if (strict || capabilities.backendParameters.includes(name.toLowerCase())) return true
    changes.push(`backend parameter ${name} is dropped: the site does not know it`)
    return false
  })
  const some = parameters.length > 0
  return dropAbsent({
    cpu_cores: writeCores(resources.cpu_cores, changes),
    preemptible: resources.preemptible,
    ram_gb: resources.ram_gb,
    disk_gb: resources.disk_gb,
    zones: resources.zones?.length ? resources.zones : undefined,
    backend_parameters: some ? Object.fromEntries(parameters) : undefined,
    backend_parameters_strict: some ? resources.backend_parameters_strict : undefined,
  })
}

/** TES 1.1 counts whole cores. */
function writeCores(cores: number | undefined, changes: string[]): number | undefined {
  if (cores === undefined || Number.isInteger(cores)) return cores
  changes.push(`cpu_cores ${cores} becomes ${Math.ceil(cores)}: the site counts whole cores`)
  return Math.ceil(cores)
}

function keepTags(tags: Readonly<Record<string, string>>, changes: string[]): Record<string, string> {
  const kept = Object.entries(tags).filter(([key]) => {
    const why = findTagTrouble(key)
    if (why !== undefined) changes.push(`tag ${key} is dropped: ${why}`)
    return why === undefined
  })
  return Object.fromEntries(kept)
}

function findTagTrouble(key: string): string | undefined {
  if (isHintKey(key)) return 'it speaks to the broker'
  if (key.toLowerCase().startsWith(TAG_PREFIX)) return 'only the broker writes it'
  return RESERVED_TAGS.some(reserved => reserved === key.toUpperCase()) ? 'it is reserved by sites' : undefined
}

function findSecrets(document: TesTask): readonly string[] {
  const urls = [...(document.inputs ?? []), ...(document.outputs ?? [])].map(file => file.url)
  return urls.filter(url => url !== undefined).filter(url => SIGNED_QUERY.test(url))
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** The object without keys that are absent or null, at the first level. */
function dropAbsent<T extends object>(value: T): T {
  for (const key of Object.keys(value) as (keyof T)[]) if (!isGiven(value[key])) delete value[key]
  return value
}
