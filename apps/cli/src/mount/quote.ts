/**
 * One argument, so that it stays one and means nothing else: for a shell, and for a command in a unit of systemd. Pure.
 */

/** For a POSIX shell. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** For `ExecStart=` and its like (systemd.service, "Command lines"): neither specifiers, nor variables, nor escapes. */
export function quoteForUnit(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
}
