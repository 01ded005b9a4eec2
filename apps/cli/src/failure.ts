/**
 * What went wrong, for people: one line that says what, one that says what to do, and each field to mend. Never a stack trace.
 */

import { ApiError, type ApiErrorCode, type Problem } from '@portolan/ga4gh'
import { describeProblem, hideInProblem, hideTokens } from '@portolan/ga4gh/documents'
import { CommanderError } from 'commander'
import { EXIT, type ExitCode } from './exit-codes.ts'

export interface FailureDetails {
  readonly exitCode?: ExitCode | undefined
  /** What to do, a whole sentence. */
  readonly fix?: string | undefined
  readonly problems?: readonly Problem[] | undefined
  readonly requestId?: string | undefined
  readonly cause?: unknown
}

/** An expected end that is not a success. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: ExitCode
  readonly fix: string
  readonly problems: readonly Problem[]
  /** The id under which the server knows the request. */
  readonly requestId: string | undefined

  constructor(message: string, { exitCode = EXIT.misused, fix = '', problems = [], requestId, cause }: FailureDetails = {}) {
    super(message, { cause })
    this.exitCode = exitCode
    this.fix = fix
    this.problems = problems
    this.requestId = requestId
  }
}

/** As it is shown with `--json`. */
export interface Description {
  readonly exitCode: ExitCode
  readonly message: string
  readonly fix: string
  readonly problems: readonly Problem[]
  readonly requestId?: string | undefined
}

/** What to tell of anything that was thrown, and how to end. No token stands in it, whatever text it came with. */
export function describeFailure(error: unknown): Description {
  const { message, fix, problems, ...rest } = describe(error)
  return { ...rest, message: hideTokens(message), fix: hideTokens(fix), problems: problems.map(hideInProblem) }
}

function describe(error: unknown): Description {
  if (error instanceof Failure) {
    const { exitCode, message, fix, problems, requestId } = error
    return { exitCode, message, fix, problems, requestId }
  }
  if (error instanceof ApiError && error.cause instanceof Failure) return describe(error.cause)
  if (error instanceof ApiError) {
    const [exitCode, fix] = API_ERRORS[error.code]
    return { exitCode, message: error.message, fix: whenToTryAgain(error) ?? fix, problems: error.problems, requestId: error.requestId }
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '')
    return { exitCode: EXIT.misused, message, fix: 'See portolan help, or portolan help COMMAND.', problems: [] }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { exitCode: EXIT.failed, message, fix: 'Try again; if it stays, tell who keeps Portolan what you did.', problems: [] }
}

/** Of what was surely not done, where the server says when to come again. */
export function whenToTryAgain({ delivery, retryAfterMs }: ApiError): string | undefined {
  return delivery === 'unknown' || retryAfterMs === undefined ? undefined : `Try again in ${Math.ceil(retryAfterMs / 1000)} s.`
}

export function describeLines({ message, fix, problems, requestId }: Description): readonly string[] {
  const named = requestId === undefined ? message : `${message} (request ${requestId})`
  const mend = problems.map(problem => `  ${describeProblem(problem)}`)
  return [`portolan: ${named}`, ...mend, ...(fix === '' ? [] : [fix])]
}

const API_ERRORS: Readonly<Record<ApiErrorCode, readonly [ExitCode, string]>> = {
  unreachable: [EXIT.unreachable, 'Check --url (or PORTOLAN_URL), and that the server runs.'],
  timeout: [EXIT.unreachable, 'Try again, or give it more seconds with --timeout.'],
  connection_lost: [EXIT.unreachable, 'Try again.'],
  aborted: [EXIT.interrupted, ''],
  bad_request: [EXIT.misused, 'Mend what is named, and send it again.'],
  unauthorized: [EXIT.denied, 'Log in with portolan login, or give a token that the server knows with --token-ref (or PORTOLAN_TOKEN).'],
  forbidden: [EXIT.denied, 'Ask the operator of the server for the right, or come with another token.'],
  not_found: [EXIT.notFound, 'Check the id and the address, and who you are there.'],
  conflict: [EXIT.failed, 'Look at the task with portolan get, then decide.'],
  too_large: [EXIT.failed, 'Store large files and give their URLs instead of inline content.'],
  too_many_requests: [EXIT.failed, 'Wait a moment, then try again.'],
  client_error: [EXIT.failed, 'Check that --url is a TES server; it does not take this request.'],
  redirected: [EXIT.failed, 'Give the final address as --url: redirects are not followed, since a token belongs to one server.'],
  server_error: [EXIT.failed, 'Try again later; if it stays, tell the operator of the server.'],
  unreadable: [EXIT.failed, 'Check that --url is a TES server.'],
}
