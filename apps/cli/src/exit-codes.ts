/**
 * How the command ends, for scripts. The numbers stay as they are. Of several tasks that are watched the highest number counts.
 */
export const EXIT = {
  done: 0,
  failed: 1,
  misused: 2,
  unreachable: 3,
  denied: 4,
  notFound: 5,
  notOffered: 6,
  canceled: 10,
  preempted: 11,
  executorError: 12,
  systemError: 13,
  waits: 20,
  refused: 21,
  interrupted: 130,
  pipeClosed: 141,
  terminated: 143,
} as const
export type ExitName = keyof typeof EXIT
export type ExitCode = (typeof EXIT)[ExitName]

export const EXIT_MEANINGS: Readonly<Record<ExitName, string>> = {
  done: 'done; of a watched task: COMPLETE; of `explain`: a site would take it now',
  failed: 'the server refused or could not do it, or its answer cannot be read',
  misused: 'the command, a task or a configuration is wrong',
  unreachable: 'the server cannot be reached, or gave no answer in time',
  denied: 'the server does not know you, or you may not',
  notFound: 'no such task, or no TES server at this address',
  notOffered: 'the server speaks TES but has no routes of Portolan',
  canceled: 'the watched task was canceled',
  preempted: 'the watched task was preempted',
  executorError: 'the watched task ended as EXECUTOR_ERROR',
  systemError: 'the watched task ended as SYSTEM_ERROR',
  waits: '`explain`: no site can take it now, some could later',
  refused: '`explain`: no site may ever take it',
  interrupted: 'ended by Ctrl-C; nothing was canceled',
  pipeClosed: 'the reader of the output went away',
  terminated: 'ended by SIGTERM; nothing was canceled',
}
