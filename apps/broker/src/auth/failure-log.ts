/**
 * Where it is said what went wrong behind the back of a caller.
 */
export interface FailureLog {
  error(fields: { readonly err: unknown }, message: string): void
}
