import type { Problem } from './error-body.ts'

/** The problems as one line, for logs and exceptions. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, message, fix }) => `${path && `${path}: `}${message}. ${fix}`).join(' ')
}
