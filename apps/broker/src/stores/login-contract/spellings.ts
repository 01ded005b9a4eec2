/** The ways in which a text can stand in a file: itself, in hex, and in base64 wherever it begins. */
export function spellingsOf(text: string): readonly { readonly how: string; readonly spelling: string }[] {
  const hex = Buffer.from(text).toString('hex')
  const base64 = [0, 1, 2].flatMap(offset => {
    // The digits at both ends depend on the neighbours too.
    const inner = Buffer.from(`${'x'.repeat(offset)}${text}`)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(offset === 0 ? 0 : offset + 1, -1)
    return [
      { how: 'base64', spelling: inner },
      { how: 'base64url', spelling: inner.replaceAll('+', '-').replaceAll('/', '_') },
    ]
  })
  return [{ how: 'plain', spelling: text }, { how: 'hex', spelling: hex }, { how: 'hex', spelling: hex.toUpperCase() }, ...base64]
}
