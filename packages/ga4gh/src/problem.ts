import type { Problem } from './error-body.ts'

/** The text with one full stop at its end; a text that ends in a mark of its own keeps it. */
export function toSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** One problem as what is wrong, and then what mends it. */
export function describeProblem({ path, message, fix }: Problem): string {
  return `${path && `${path}: `}${toSentence(message)} ${fix}`
}

/** The problems as one line, for logs and exceptions. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(describeProblem).join(' ')
}
