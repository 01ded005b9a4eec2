/**
 * Takes many secrets out of a text without a search for each: a site may have been sent tokens of hundreds of persons, and answer with a log of
 * many megabytes. Pure.
 */

const BLOCK = 8
const STEP = 16
/** Wherever it begins, so long a secret covers a whole block of the text that begins at a multiple of the step. */
const LEAST_INDEXED = BLOCK + STEP - 1
const HIDDEN = '[hidden]'

export interface SecretIndex {
  readonly has: (secret: string) => boolean
  /** The longest first: one may hold another, and what is left of it would be a part of a secret. */
  readonly hideIn: (text: string) => string
}

/** The ends of the secrets are looked at: all tokens of one login begin alike. */
export function indexSecrets(secrets: Iterable<string>): SecretIndex {
  const all = new Set(secrets)
  const sorted = [...all].sort((a, b) => b.length - a.length)
  const short = sorted.filter(secret => secret.length < LEAST_INDEXED)
  const byBlock = new Map<string, string[]>()
  for (const secret of sorted.slice(0, sorted.length - short.length)) {
    for (let at = secret.length - LEAST_INDEXED; at <= secret.length - BLOCK; at += 1) {
      const block = secret.slice(at, at + BLOCK)
      const known = byBlock.get(block)
      if (known) known.push(secret)
      else byBlock.set(block, [secret])
    }
  }

  /** None that stands in the text is left out. */
  const candidatesIn = (text: string): readonly string[] => {
    const found = new Set(short)
    for (let at = 0; at + BLOCK <= text.length; at += STEP) {
      for (const secret of byBlock.get(text.slice(at, at + BLOCK)) ?? []) found.add(secret)
    }
    return sorted.filter(secret => found.has(secret))
  }
  return {
    has: secret => all.has(secret),
    hideIn: text => candidatesIn(text).reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text),
  }
}
