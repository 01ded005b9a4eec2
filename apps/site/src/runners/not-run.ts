/**
 * What is said of a command that cannot be run, whatever runtime finds it out. The supervisor says the same of plain processes.
 */

/** The codes of shells: 126 for a file that is no program, 127 where nothing is. */
export type NotRunCode = 126 | 127

const WORDS: Readonly<Record<NotRunCode, string>> = {
  126: 'this file cannot be run: it is a directory, or lacks the permission to be executed',
  127: 'there is no such program: name one that is on PATH, or its absolute path',
}

/** `program` is the first word of the command. */
export function describeNotRun(program: string, code: NotRunCode): string {
  return `${program}: ${WORDS[code]}\n`
}
