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
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** In the order of the numbers. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  [EXIT.done]: 'done; of a watched task: COMPLETE; of `explain`: a site would take it now',
  [EXIT.failed]: 'the server refused or could not do it, or its answer cannot be read',
  [EXIT.misused]: 'the command, a task or a configuration is wrong',
  [EXIT.unreachable]: 'the server cannot be reached, or gave no answer in time',
  [EXIT.denied]: 'the server does not know you, or you may not',
  [EXIT.notFound]: 'no such task, or no TES server at this address',
  [EXIT.notOffered]: 'the server has no routes of Portolan, or no login',
  [EXIT.canceled]: 'the watched task was canceled',
  [EXIT.preempted]: 'the watched task was preempted',
  [EXIT.executorError]: 'the watched task ended as EXECUTOR_ERROR',
  [EXIT.systemError]: 'the watched task ended as SYSTEM_ERROR',
  [EXIT.waits]: '`explain`: no site can take it now, some could later',
  [EXIT.refused]: '`explain`: no site may ever take it',
  [EXIT.interrupted]: 'ended by Ctrl-C; nothing was canceled',
  [EXIT.pipeClosed]: 'the reader of the output went away',
  [EXIT.terminated]: 'ended by SIGTERM; nothing was canceled',
}
