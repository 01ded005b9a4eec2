/**
 * What the schema of a credential cannot see: whether its parts fit each other, the address that it is for, and the login of the broker.
 */
import { isRecord } from './is-record.ts'
import { isLoopback } from './loopback.ts'
import type { ConfigProblem, Path } from './problem.ts'
import type { Source } from './source.ts'
import { textAt, valueAt } from './value-at.ts'

/** Kinds that speak in the name of a person. */
const PERSONAL = ['token_exchange', 'forward_user']
const WITH_CLIENT = ['client_credentials', 'token_exchange']

/** `url`: the address that it is for. `hasLogin`: people log in at this broker. */
export function checkCredential(source: Source, url: string | undefined, hasLogin: boolean): ConfigProblem[] {
  const at: Path = ['credential']
  const kind = textAt(source.raw, [...at, 'kind'])
  if (kind === undefined) return []
  return [
    ...checkLogin(source, kind, hasLogin),
    ...checkCertificate(source, kind, url),
    ...checkClient(source, at),
    ...checkClient(source, [...at, 'own']),
    ...checkAudience(source, kind),
  ]
}

function checkLogin(source: Source, kind: string, hasLogin: boolean): ConfigProblem[] {
  if (!PERSONAL.includes(kind) || hasLogin) return []
  const message = `${kind} speaks to the site in the name of the person who submits, and with auth.mode: open nobody logs in`
  return [source.problem(['credential', 'kind'], message, 'it needs auth.mode: required; without a login use client_credentials')]
}

function checkCertificate(source: Source, kind: string, url: string | undefined): ConfigProblem[] {
  const own = valueAt(source.raw, ['credential', 'own', 'kind'])
  const section = valueAt(source.raw, ['credential', 'mtls'])
  const problems: ConfigProblem[] = []
  if (own === 'mtls' && section === undefined) {
    const fix = 'add `mtls` to the credential, with certRef and keyRef'
    problems.push(source.problem(['credential', 'own', 'kind'], 'is mtls, and the credential has no client certificate', fix))
  }
  if ((kind === 'mtls' || section !== undefined) && url !== undefined && URL.parse(url)?.protocol === 'http:') {
    const path = kind === 'mtls' ? ['credential', 'kind'] : ['credential', 'mtls']
    problems.push(source.problem(path, 'shows a client certificate, and the address is http', 'use the https address'))
  }
  return problems
}

function checkClient(source: Source, at: Path): ConfigProblem[] {
  const client = valueAt(source.raw, at)
  if (!isRecord(client) || !WITH_CLIENT.includes(String(client.kind))) return []
  const { issuer, tokenUrl } = client
  if (issuer === undefined && tokenUrl === undefined) {
    return [source.problem([...at, 'issuer'], 'is missing', 'add the issuer of the tokens, or the tokenUrl of its token endpoint')]
  }
  if (issuer !== undefined && tokenUrl !== undefined) {
    return [
      source.problem(
        [...at, 'tokenUrl'],
        'stands beside issuer',
        'keep one of them: the discovery document of an issuer names its token endpoint',
      ),
    ]
  }
  const key = issuer === undefined ? 'tokenUrl' : 'issuer'
  const url = URL.parse(textAt(client, [key]) ?? '')
  if (url?.protocol !== 'http:' || isLoopback(url.hostname)) return []
  return [source.problem([...at, key], 'is http: the client secret and the tokens would travel in clear', 'use the https address')]
}

function checkAudience(source: Source, kind: string): ConfigProblem[] {
  if (kind !== 'token_exchange') return []
  const { raw } = source
  if (valueAt(raw, ['credential', 'resource']) !== undefined || valueAt(raw, ['credential', 'audience']) !== undefined) return []
  const message = 'is missing, and so is audience: a token that is for nobody in particular would be good at other services too'
  return [
    source.problem(
      ['credential', 'resource'],
      message,
      'name the site as the token server knows it: LS-Login takes resource, Keycloak audience',
    ),
  ]
}
