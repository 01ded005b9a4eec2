/**
 * The server that somebody logs in at or out of, and where its credentials are kept.
 */
import { createOutboundFetch } from '@portolan/broker/http'
import { rootOf } from '../broker-client.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import { credentialPath } from './credential-file.ts'
import type { LoginServer } from './login-client.ts'

export interface LoginPlace extends AsyncDisposable {
  /** The file of credentials. */
  readonly path: string
  readonly origin: string
  /** The address of the broker, without the path of an API. */
  readonly root: string
  /** Everything but the name under which to log in. */
  readonly server: Omit<LoginServer, 'clientId'> & { readonly baseUrl: string }
}

export function openLoginPlace({ settings, env, signal, userAgent }: Session): LoginPlace {
  const path = credentialPath(env)
  if (path === undefined) {
    throw new Failure('There is no place for credentials: neither XDG_CONFIG_HOME nor HOME is an absolute path', {
      exitCode: EXIT.failed,
      fix: 'Set one of them, or come with a token in PORTOLAN_TOKEN.',
    })
  }
  const url = new URL(settings.url)
  const outbound = createOutboundFetch({ declaredOrigins: [url.origin] })
  const root = rootOf(url)
  return {
    path,
    origin: url.origin,
    root,
    server: { baseUrl: root, fetch: outbound.fetch, userAgent, timeoutMs: settings.timeout * 1000, signal },
    [Symbol.asyncDispose]: () => outbound[Symbol.asyncDispose](),
  }
}
