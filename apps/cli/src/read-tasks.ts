/**
 * Tasks from documents: with what the command line adds, and judged before anything is sent.
 */
import { readHints } from '@portolan/federation'
import type { Problem } from '@portolan/ga4gh'
import { parseTask, type TesTask, unknownKeys } from '@portolan/tes'
import { Failure } from './failure.ts'
import type { Output } from './output/output.ts'
import { readDocuments, type SourceDocument } from './read-documents.ts'
import type { Session } from './session.ts'

export interface SourceTask {
  readonly label: string
  readonly task: TesTask
}

/** What the command line sets in every task; it wins over the document. */
export interface Additions {
  readonly name?: string | undefined
  readonly tags: Readonly<Record<string, string>>
}

/** All tasks, or a `Failure` with every problem of each; keys that TES does not have are left out and named. */
export async function readTasks(files: readonly string[], additions: Additions, session: Session): Promise<readonly SourceTask[]> {
  const documents = await readDocuments(files, session)
  const read = documents.map(document => judge(document, additions, session.output))
  const bad = read.filter(entry => entry.problems.length > 0)
  if (bad.length > 0) {
    const problems = bad.flatMap(({ label, problems }) => problems.map(problem => ({ ...problem, path: joinPath(label, problem.path) })))
    const what = bad.length === 1 ? `${bad[0]?.label} is not a good task` : `${bad.length} of ${read.length} tasks are not good`
    throw new Failure(`${what}; nothing was sent`, { fix: 'Mend what is named, then try again.', problems })
  }
  return read.flatMap(({ label, task }) => (task === undefined ? [] : [{ label, task }]))
}

interface Judged {
  readonly label: string
  readonly task?: TesTask | undefined
  readonly problems: readonly Problem[]
}

function judge({ label, value }: SourceDocument, additions: Additions, output: Output): Judged {
  const document = addTo(value, additions)
  // How much inline content is too much, and where an output goes that is but named, is for the server to say.
  const { task, problems } = parseTask(document, { contentBytes: Number.POSITIVE_INFINITY, outputNames: true })
  if (task === undefined) return { label, problems }
  const ignored = unknownKeys(document, task)
  if (ignored.length > 0) output.note(`${label}: left out, since TES has no such keys: ${ignored.join(', ')}`)
  return { label, task, problems: readHints(task).problems }
}

function addTo(document: unknown, { name, tags }: Additions): unknown {
  if (!isRecord(document)) return document
  const named = name === undefined ? document : { ...document, name }
  const given = named.tags ?? {}
  // Tags that are none are left for the judge to see.
  return Object.keys(tags).length === 0 || !isRecord(given) ? named : { ...named, tags: { ...given, ...tags } }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function joinPath(label: string, path: string): string {
  return path === '' ? label : `${label}: ${path}`
}
