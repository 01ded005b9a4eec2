/**
 * What is secret of a credential, in every form in which a server might repeat it: one answer for error texts, logs and all else that a server
 * says and somebody else reads. Pure.
 */

/** `Bearer …`: a word, then what it is the scheme of. */
const SCHEME = /^([A-Za-z][\w-]*) +(.+)$/

/**
 * Of each value of a header what was sent, what follows its scheme, and of `Basic` the password; and other secrets that were sent. All as they are,
 * and as they stand in JSON, in a URL and in a form. The longest first: one may hold another, and what is left of it would be a part of a secret.
 */
export function secretsOf(headers: readonly string[], others: readonly string[] = []): readonly string[] {
  const spelled = [...headers.flatMap(partsOf), ...others].flatMap(spell)
  return [...new Set(spelled)].filter(secret => secret !== '').sort((a, b) => b.length - a.length)
}

function partsOf(header: string): string[] {
  const [, scheme = '', token = ''] = SCHEME.exec(header) ?? []
  return [header, token, ...(scheme.toLowerCase() === 'basic' ? passwordsIn(token) : [])]
}

function spell(secret: string): string[] {
  const percent = [encodeURIComponent(secret.toWellFormed()), new URLSearchParams([['', secret]]).toString().slice(1)]
  return [secret, JSON.stringify(secret).slice(1, -1), ...percent, ...percent.map(withSmallHex)]
}

/** The password, and what it stands for where it is percent-encoded, as OAuth wants it of a client (RFC 6749, section 2.3.1). */
function passwordsIn(token: string): string[] {
  const pair = decodeBase64(token)
  const password = pair.slice(pair.indexOf(':') + 1)
  return [password, new URLSearchParams(`=${password.replaceAll('&', '%26')}`).get('') ?? '']
}

function decodeBase64(token: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(token), character => character.charCodeAt(0)))
  } catch {
    return ''
  }
}

const withSmallHex = (text: string): string => text.replace(/%[0-9A-F]{2}/g, byte => byte.toLowerCase())
