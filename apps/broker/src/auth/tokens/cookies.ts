/**
 * Cookies of the browser login. `__Host-` makes the browser hold them to this very host: Secure, for the whole path, and no other host can set
 * them. Read by hand, since a library would also decode and guess.
 */
export const SESSION_COOKIE = '__Host-portolan_session'
/** Binds logins to the browser that has begun them: one for all of its tabs, until ten minutes after the last beginning. */
export const LOGIN_COOKIE = '__Host-portolan_login'
export type CookieName = typeof SESSION_COOKIE | typeof LOGIN_COOKIE

/** The value of a `Set-Cookie` header. `maxAgeSeconds` absent: until the browser is closed. Throws a `RangeError` for a value that is no token. */
export function setCookie(name: CookieName, value: string, maxAgeSeconds?: number): string {
  if (!VALUE.test(value)) throw new RangeError(`The value of the cookie ${name} has characters that a cookie cannot carry`)
  const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}`
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax${age}`
}

/** The value of a `Set-Cookie` header that ends the cookie. */
export function clearCookie(name: CookieName): string {
  return setCookie(name, '', 0)
}

/**
 * The value of the cookie in a `Cookie` header. Undefined: it is not there, is there twice with different values (somebody else may have set one of
 * them), or cannot be ours.
 */
export function readCookie(header: string | undefined, name: CookieName): string | undefined {
  if (header === undefined || header.length > MOST_CHARACTERS) return undefined
  const values = header
    .split(';')
    .map(pair => pair.trim())
    .filter(pair => pair.startsWith(`${name}=`))
    .map(pair => pair.slice(name.length + 1))
  const [value] = values
  return value && values.every(other => other === value) && VALUE.test(value) ? value : undefined
}

const MOST_CHARACTERS = 16_384
const VALUE = /^[\w.-]{0,2048}$/
