/**
 * There is no token to send, and why. The text holds no word of the token server but a code of the standard: what it answers could repeat a secret.
 */
export class TokenFailure extends Error {
  override readonly name = 'TokenFailure'
  /**
   * `unavailable`: the token server cannot be asked, or answers nonsense: later, perhaps. `client`: it refuses the broker, or gives a token that
   * must not be used: an operator has to act. `person`: it, or the login, has no token for this one person.
   */
  readonly kind: 'unavailable' | 'client' | 'person'

  constructor(kind: TokenFailure['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
  }
}

/** The failure of a token among the causes of an error. */
export function findTokenFailure(error: unknown): TokenFailure | undefined {
  for (let link = error, depth = 0; link instanceof Error && depth < 5; link = link.cause, depth++) {
    if (link instanceof TokenFailure) return link
  }
  return undefined
}
