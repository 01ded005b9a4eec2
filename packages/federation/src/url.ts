/**
 * Reads a URL far enough to compare it with declared prefixes: scheme, host, port and a path in one canonical spelling, so that two spellings
 * of one object cannot fall under two rules. What a server could read in another way (`..`, `//`, `;`, a backslash, user info, an odd spelling of
 * an IP address, escapes that are no UTF-8) is not read at all. Whatever is read here agrees with WHATWG `URL`, which a property test shows.
 */
import { canonicalIpv6 } from './ipv6.ts'

export interface ParsedUrl {
  /** Lower case, without the colon. `file` for a bare absolute path. */
  readonly scheme: string
  /** Lower case; a bucket for `s3`; empty for `file`. */
  readonly host: string
  /** Absent: none named, or the scheme's default. */
  readonly port?: number | undefined
  /** Begins with `/`; escapes only where needed, in upper case. No `.`, `..` or empty segment but the last. */
  readonly path: string
  /** Without the `?`. */
  readonly query?: string | undefined
  /** True for an absolute path without a scheme. */
  readonly bare: boolean
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ftp: 21, ws: 80, wss: 443 }
const SCHEME = /^([a-zA-Z][a-zA-Z0-9+.-]*):(\/\/)?/
const PLAIN_PATH = /^(?:\/[A-Za-z0-9\-._~!$&'()*+,;=:@]+)*\/?$/
const PLAIN_CHAR = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/]$/
const HOST_NAME = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?$/
const DOTTED_QUAD = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|$)){4}$/
const NUMERIC_LABEL = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/

/** The parts of an absolute URL or of a bare absolute path; undefined if it is neither, or if it can be read in more than one way. */
export function parseUrl(text: string): ParsedUrl | undefined {
  return parsePlain(text) ?? parseCarefully(text)
}

/** Most URLs by far: a lower case scheme and host, and a path without escapes, query or anything else that needs thought. */
const PLAIN_URL = /^([a-z][a-z0-9+-]*):\/\/([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*)(\/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*)$/

function parsePlain(text: string): ParsedUrl | undefined {
  const match = PLAIN_URL.exec(text)
  if (match === null) return undefined
  const [, scheme = '', host = '', path = ''] = match
  if (scheme === 'file' || host.endsWith('-') || path.includes('//') || hasDotSegment(path) || hasParameter(scheme, path)) return undefined
  return { scheme, host, port: undefined, path, query: undefined, bare: false }
}

function parseCarefully(text: string): ParsedUrl | undefined {
  if (text.startsWith('/')) {
    const path = canonicalPath(text, true)
    return path === undefined ? undefined : { scheme: 'file', host: '', path, bare: true }
  }
  const match = SCHEME.exec(text)
  if (match?.[1] === undefined || text.includes('\\') || text.includes('#') || text.endsWith(' ')) return undefined
  const scheme = match[1].toLowerCase()
  const rest = text.slice(match[0].length)
  const queryAt = rest.indexOf('?')
  const hierarchy = queryAt < 0 ? rest : rest.slice(0, queryAt)
  const query = queryAt < 0 ? undefined : rest.slice(queryAt + 1)
  if (query !== undefined && hasControl(query)) return undefined
  if (match[2] === undefined) return scheme === 'file' ? parseFile('', hierarchy, query) : undefined
  const slashAt = hierarchy.indexOf('/')
  const authority = slashAt < 0 ? hierarchy : hierarchy.slice(0, slashAt)
  const rawPath = slashAt < 0 ? '/' : hierarchy.slice(slashAt)
  if (scheme === 'file') return parseFile(authority, rawPath, query)
  const place = parseAuthority(scheme, authority)
  const path = canonicalPath(rawPath, false)
  if (place === undefined || path === undefined || hasParameter(scheme, path) || !isText(path)) return undefined
  return { scheme, ...place, path, query, bare: false }
}

function parseFile(authority: string, rawPath: string, query: string | undefined): ParsedUrl | undefined {
  if (authority !== '' && authority.toLowerCase() !== 'localhost') return undefined
  // `C|` is another spelling of a drive, and a drive letter swallows `localhost`.
  if (!rawPath.startsWith('/') || /^\/[A-Za-z](?:\||%7c)/i.test(rawPath)) return undefined
  const path = canonicalPath(rawPath, false)
  return path === undefined ? undefined : { scheme: 'file', host: '', path, query, bare: false }
}

function parseAuthority(scheme: string, authority: string): { readonly host: string; readonly port?: number | undefined } | undefined {
  const end = authority.startsWith('[') ? authority.indexOf(']') + 1 : authority.indexOf(':')
  const host = parseHost((end <= 0 ? authority : authority.slice(0, end)).toLowerCase())
  if (host === undefined) return undefined
  const portText = end <= 0 ? '' : authority.slice(end)
  if (portText === '') return { host }
  if (!/^:\d{1,5}$/.test(portText)) return undefined
  const port = Number(portText.slice(1))
  if (port > 65_535) return undefined
  return port === DEFAULT_PORTS[scheme] ? { host } : { host, port }
}

function parseHost(host: string): string | undefined {
  if (host.startsWith('[')) return canonicalIpv6(host)
  if (!HOST_NAME.test(host) || host.includes('..')) return undefined
  // `127.1` and `0x7f.0.0.1` are spellings of an address that would pass by a rule for `127.0.0.1`.
  return NUMERIC_LABEL.test(host) && !DOTTED_QUAD.test(host) ? undefined : host
}

/** `literal`: the text is a path of a file system, where `?`, `#` and a lone `%` are ordinary characters. */
function canonicalPath(text: string, literal: boolean): string | undefined {
  if (PLAIN_PATH.test(text)) return hasDotSegment(text) ? undefined : text
  if (text.includes('//') || text.includes('\\') || hasControl(text) || !text.isWellFormed()) return undefined
  let path = ''
  for (let i = 0; i < text.length; ) {
    const escaped = text[i] === '%' ? /^%[0-9a-fA-F]{2}/.exec(text.slice(i, i + 3))?.[0] : undefined
    if (escaped !== undefined) {
      const decoded = decodeEscape(escaped)
      if (decoded === undefined) return undefined
      path += decoded
      i += 3
      continue
    }
    const char = String.fromCodePoint(text.codePointAt(i) ?? 0)
    if (char === '%' && !literal) return undefined
    path += PLAIN_CHAR.test(char) ? char : encodeURIComponent(char)
    i += char.length
  }
  // A server that decodes twice would see a dot, a slash, a semicolon or a backslash.
  return hasDotSegment(path) || /%25(?:2e|2f|3b|5c)/i.test(path) ? undefined : path
}

/** Escapes that are no UTF-8 mean other text to each server: `%C0%AE` is a dot to one that decodes leniently. */
function isText(path: string): boolean {
  if (!path.includes('%')) return true
  try {
    return decodeURIComponent(path) !== ''
  } catch {
    return false
  }
}

/** One spelling for one byte: plain where a path allows it, else `%XX`. Undefined for a slash, a backslash and control characters. */
function decodeEscape(escaped: string): string | undefined {
  const byte = Number.parseInt(escaped.slice(1), 16)
  if (byte < 0x20 || byte === 0x7f || byte === 0x2f || byte === 0x5c) return undefined
  const char = String.fromCharCode(byte)
  return byte < 0x80 && PLAIN_CHAR.test(char) ? char : escaped.toUpperCase()
}

/** `..;` is `..` to a server that cuts parameters off before it resolves the path. */
function hasDotSegment(path: string): boolean {
  return path.includes('/.') && /\/\.\.?(?:[;/]|$)/.test(path)
}

/** Where the name of an object is a key, a semicolon is a character like any other. */
const KEYED: ReadonlySet<string> = new Set(['s3', 'gs', 'file'])

/** `/secret;v=1/x` is `/secret/x` to some servers, which cut off what follows a semicolon, and another object to others. */
function hasParameter(scheme: string, path: string): boolean {
  return path.includes(';') && !KEYED.has(scheme)
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
