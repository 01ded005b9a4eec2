/**
 * The credentials that a site was sent, to take them out of what it says: a site that writes its requests into a task's log would hand the
 * broker's own credential to the task's owner.
 */
import type { AuthProvider } from '@portolan/ga4gh'
import type { TesTaskLog } from '@portolan/tes'

const HIDDEN = '[hidden]'
/** Shorter ones would be found in any text. */
const LEAST_CHARACTERS = 6
/** Of one that changes, such as a token that expires, so many are remembered. */
const MOST_REMEMBERED = 16

export interface SentSecrets {
  /** The same provider, and what it gives is remembered. */
  watch(auth: AuthProvider): AuthProvider
  hideInLog(log: TesTaskLog): TesTaskLog
}

export function rememberSecrets(): SentSecrets {
  const sent: string[] = []

  function remember(value: string): void {
    for (const secret of secretsOf(value)) {
      if (secret.length < LEAST_CHARACTERS || sent.includes(secret)) continue
      sent.push(secret)
      if (sent.length > MOST_REMEMBERED) sent.shift()
    }
  }

  const hide = (text: string): string => sent.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text)

  return {
    watch: auth => async request => {
      const headers = await auth(request)
      for (const value of Object.values(headers)) remember(value)
      return headers
    },
    hideInLog: log => ({
      ...log,
      logs: log.logs.map(executor => ({
        ...executor,
        ...(executor.stdout !== undefined && { stdout: hide(executor.stdout) }),
        ...(executor.stderr !== undefined && { stderr: hide(executor.stderr) }),
      })),
      ...(log.metadata && { metadata: Object.fromEntries(Object.entries(log.metadata).map(([key, value]) => [hide(key), hide(value)])) }),
      ...(log.system_logs && { system_logs: log.system_logs.map(hide) }),
    }),
  }
}

/** The value of a header, what follows its scheme, and, of `Basic`, the password. The longest first: one may hold another. */
function secretsOf(value: string): string[] {
  const [scheme = '', token] = value.split(' ', 2)
  if (token === undefined) return [value]
  if (scheme.toLowerCase() !== 'basic') return [token]
  const pair = Buffer.from(token, 'base64').toString('utf8')
  return [token, pair.slice(pair.indexOf(':') + 1)]
}
