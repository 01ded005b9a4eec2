/** The ways in which a text can stand in other bytes: itself, in hex, percent-encoded, and in base64 wherever it begins. */
export interface Spelling {
  readonly how: 'plain' | 'hex' | 'percent' | 'base64'
  readonly spelling: string
}

/** Each once. Letters and digits stand for themselves in a URL, so a text of these alone is found there as it is; `percent` has every byte escaped. */
export function spellingsOf(text: string): readonly Spelling[] {
  const hex = Buffer.from(text).toString('hex')
  const percent = hex.replace(/../g, '%$&')
  const base64 = [0, 1, 2].flatMap(offset => {
    // The digits at both ends depend on the neighbours too.
    const inner = Buffer.from(`${'x'.repeat(offset)}${text}`)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(offset === 0 ? 0 : offset + 1, -1)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const all: Spelling[] = [
    { how: 'plain', spelling: text },
    ...[hex, hex.toUpperCase()].map(spelling => ({ how: 'hex', spelling }) as const),
    ...[percent, percent.toUpperCase()].map(spelling => ({ how: 'percent', spelling }) as const),
    ...base64.map(spelling => ({ how: 'base64', spelling }) as const),
  ]
  return all.filter(({ spelling }, at) => all.findIndex(other => other.spelling === spelling) === at)
}
