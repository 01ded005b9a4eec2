/**
 * The port of live logs: what a task that runs has written until now. Sites are asked on request alone, and so often as `limits.liveReadsPerSecond` of the site says, for
 * all who follow tasks there together: who comes in between gets what was last seen. Nothing of it is stored. Crash: nothing is lost. Two callers: one read serves both.
 */
import type { SiteId, SiteTaskId } from '@portolan/federation'
import type { TextCut } from '../observe/cut-text.ts'

/** The end of a text. `from` and `total` count characters (UTF-16) of the whole of it. */
export interface TextTail {
  readonly text: string
  readonly from: number
  readonly total: number
}

export interface TailedExecutor {
  /** Absent: it has not ended. */
  readonly exitCode?: number | undefined
  readonly stdout?: TextTail | undefined
  readonly stderr?: TextTail | undefined
}

export interface TailedLog {
  readonly executors: readonly TailedExecutor[]
  readonly systemLogs: readonly string[]
}

export interface SeenLog {
  /** ms since 1970. */
  readonly at: number
  readonly log: TailedLog
}

export type LiveAnswer =
  | ({ readonly outcome: 'seen' } & SeenLog)
  /** `detail`: one sentence; what was last seen, if anything, with it. */
  | { readonly outcome: 'failed'; readonly detail: string; readonly last?: SeenLog | undefined }

export interface LiveLogs {
  /** Never rejects. Waits for its turn at the site for two seconds at most. `linkHosts`: of its attempt. */
  read(site: SiteId, task: SiteTaskId, signal: AbortSignal, linkHosts?: readonly string[]): Promise<LiveAnswer>
  [Symbol.asyncDispose](): Promise<void>
}

/** Characters that are shown of one text, and of all texts of a log together. */
const MOST_OF_ONE = 64 * 1024
const MOST_OF_ALL = 1024 * 1024
const EXECUTORS = 1_000
const SYSTEM_LINES = 200
const SYSTEM_LINE = 2_000

/** A log as it is read: nothing of an executor has to be there. */
interface ReadLog {
  readonly logs: readonly {
    readonly exit_code?: number | undefined
    readonly stdout?: string | undefined
    readonly stderr?: string | undefined
  }[]
  readonly system_logs?: readonly string[] | undefined
}

/** `measure`: where a text that was shortened before begins and ends in the whole of it; else it is the whole. Pure. */
export function tailLog(log: ReadLog, measure = (text: string): TextTail => placeOf(text, undefined)): TailedLog {
  const executors = log.logs.slice(0, EXECUTORS)
  const most = Math.min(MOST_OF_ONE, Math.floor(MOST_OF_ALL / (2 * Math.max(1, executors.length))))
  const cut = (text: string): TextTail => shorten(measure(text), most)
  return {
    executors: executors.map(({ exit_code, stdout, stderr }) => ({
      ...(exit_code !== undefined && { exitCode: exit_code }),
      ...(stdout !== undefined && { stdout: cut(stdout) }),
      ...(stderr !== undefined && { stderr: cut(stderr) }),
    })),
    systemLogs: (log.system_logs ?? []).slice(-SYSTEM_LINES).map(line => line.slice(0, SYSTEM_LINE)),
  }
}

/** Of a text whose middle was left out, what comes behind that, where it stood in the whole. Pure. */
export function placeOf(text: string, cut: TextCut | undefined): TextTail {
  if (!cut) return { text, from: 0, total: text.length }
  const rest = text.slice(cut.goesOnAt)
  const from = cut.at + cut.characters
  return { text: rest, from, total: from + rest.length }
}

/** Between the halves of a sign that takes two nothing is cut. */
function shorten({ text, from, total }: TextTail, most: number): TextTail {
  const over = text.length - most
  if (over <= 0) return { text, from, total }
  const code = text.charCodeAt(over)
  const at = code >= 0xdc00 && code <= 0xdfff ? over + 1 : over
  // A copy: what is cut off would be kept in memory with the rest.
  return { text: Buffer.from(text.slice(at), 'utf16le').toString('utf16le'), from: from + at, total }
}
