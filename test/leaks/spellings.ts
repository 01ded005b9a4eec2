/** The ways in which a text can stand in other bytes: itself, in hex, percent-encoded, escaped in JSON, and in base64 wherever it begins. */
export interface Spelling {
  readonly how: 'plain' | 'hex' | 'percent' | 'json' | 'base64'
  readonly spelling: string
}

/**
 * Each once. Letters and digits stand for themselves in a URL and in JSON, so a text of these alone is found there as it is; `percent` and `json` have
 * every byte escaped. `base64` is the alphabet of MIME and that of URLs.
 */
export function spellingsOf(text: string): readonly Spelling[] {
  const hex = Buffer.from(text).toString('hex')
  const percent = hex.replace(/../g, '%$&')
  const json = hex.replace(/../g, '\\u00$&')
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
    ...[json, json.replace(/(?<=00)../g, digits => digits.toUpperCase())].map(spelling => ({ how: 'json', spelling }) as const),
    ...base64.map(spelling => ({ how: 'base64', spelling }) as const),
  ]
  return all.filter(({ spelling }, at) => all.findIndex(other => other.spelling === spelling) === at)
}
