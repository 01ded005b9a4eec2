/**
 * Stores what the executors of a task made. What cannot be stored keeps nothing else from being stored.
 */
import type { TerminalState, TesOutput } from '@portolan/tes'
import { type FoundOutput, findOutput, type OutputFile } from '../staging/find-outputs.ts'
import type { StagingOptions } from '../staging/stage-inputs.ts'
import { named, StagingFailed } from '../staging/staging-failed.ts'
import { storeOutput } from '../staging/store-outputs.ts'
import { logOf, note, type TaskRecord } from '../store/record.ts'
import { hasFailed } from './run-executors.ts'
import type { TaskFolder } from './task-folder.ts'

/** After so many files of one output its other files are not tried: each try may take long where a server is away. */
const MAX_FAILURES = 10
/** So many of the files that an output leaves out are named. */
const MAX_NAMED = 10

export interface StoreContext {
  readonly staging: StagingOptions
  /** What a person may read of an error. */
  readonly explain: (error: unknown) => string
}

/** Stores all outputs, also after an executor failed: people want to see them. Gives the end of the task; rejects only when the signal is aborted. */
export async function storeResults(
  record: TaskRecord,
  folder: TaskFolder,
  context: StoreContext,
  signal: AbortSignal,
): Promise<TerminalState> {
  const failed = hasFailed(record)
  logOf(record).outputs = []
  let failures = 0
  for (const output of record.task.outputs ?? []) {
    for await (const error of storeOne(record, output, folder, context, signal)) {
      signal.throwIfAborted()
      failures++
      // The tool's own failure is the news; a result that could not be stored besides is a remark.
      note(record, `${failed ? 'warning: not stored' : 'error'}: ${context.explain(error)}`)
    }
  }
  if (failed) return 'EXECUTOR_ERROR'
  return failures > 0 ? 'SYSTEM_ERROR' : 'COMPLETE'
}

/** Stores one output and gives why what could not be stored. */
async function* storeOne(
  record: TaskRecord,
  output: TesOutput,
  folder: TaskFolder,
  { staging }: StoreContext,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  const what = `the output ${output.path}`
  let found: FoundOutput
  try {
    found = await named(what, () => findOutput(output, folder.root))
  } catch (error) {
    yield error
    return
  }
  if (found.leftOut.length > 0) note(record, `warning: not stored of ${what}: ${listLeftOut(found)}`)
  else if (found.files.length === 0 && found.type !== 'DIRECTORY')
    note(record, `warning: no executor made the output ${output.path}, so nothing is stored at its URL`)
  if (found.type !== undefined) output.type ??= found.type
  let failures = 0
  for (const [index, file] of found.files.entries()) {
    try {
      await named(file.path === output.path ? what : `${what} (${file.path})`, () => storeOutput(file, staging, signal))
      logOf(record).outputs.push(toLog(file))
    } catch (error) {
      yield error
      const left = found.files.length - index - 1
      if (++failures < MAX_FAILURES || left === 0) continue
      yield new StagingFailed(`${what}: ${failures} of its files could not be stored, so the ${left} after them were not tried`)
      return
    }
  }
}

function listLeftOut({ leftOut }: FoundOutput): string {
  const names = leftOut.slice(0, MAX_NAMED).map(({ path, why }) => `${path} (${why})`)
  const more = leftOut.length - names.length
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function toLog(file: OutputFile): { url: string; path: string; size_bytes: string } {
  return { url: file.url, path: file.path, size_bytes: String(file.size) }
}
