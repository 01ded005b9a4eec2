/**
 * Why a broker cannot start, in words for whoever starts it: what is wrong, where, and what to do. It needs no stack.
 */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
}

/** The code of an error of the system, as `EACCES`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
