/** The site could not do its part: the task ends SYSTEM_ERROR with this message in its system log. */
export class TaskFailed extends Error {
  override readonly name = 'TaskFailed'
}
