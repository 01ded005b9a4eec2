/**
 * Takes secrets out of what is written down: by the name of a field, and by what a text looks like.
 */
import { hideTokens } from '@portolan/ga4gh/documents'
import { describeError } from './describe-error.ts'

const HIDDEN = '[hidden]'
const MOST_LEVELS = 8

/** Names of fields whose value is never written, in any spelling. */
const SECRET_NAME =
  /^(proxy-?)?authorization$|cookie|password|passwd|secret|credential|api-?key|access-?key|private-?key|(^|[a-z-_])token$|^token|^content$|^stdin$|signature/i

/** User names and passwords in URLs, signatures and tokens in queries, and credentials of HTTP. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'@\\]+@/gi, `$1${HIDDEN}@`],
  [
    /([?&](?:x-amz-(?:signature|credential|security-token)|awsaccesskeyid|signature|sig|se|sp|token|access_token|id_token|refresh_token|code|password|secret|key|api_?key)=)[^&#\s"'\\]+/gi,
    `$1${HIDDEN}`,
  ],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/._~=-]{4,}/g, `$1 ${HIDDEN}`],
  [/\b(bearer|basic)\s+[A-Za-z0-9+/._~=-]{16,}/gi, `$1 ${HIDDEN}`],
]

/** The text without what looks like a secret. */
export function hideInText(text: string): string {
  return PATTERNS.reduce((shown, [pattern, replacement]) => shown.replace(pattern, replacement), hideTokens(text))
}

/** The value without the fields whose name says that they are secret; deeper than eight levels nothing is shown. */
export function hideFields(value: unknown, level = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return describeError(value)
  if (level >= MOST_LEVELS) return HIDDEN
  if (Array.isArray(value)) return value.map(entry => hideFields(entry, level + 1))
  if ('toJSON' in value) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      SECRET_NAME.test(key) && entry !== undefined ? HIDDEN : hideFields(entry, level + 1),
    ]),
  )
}
