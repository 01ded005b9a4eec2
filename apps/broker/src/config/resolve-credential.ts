/**
 * Fetches the secrets of a declared credential.
 */
import { dirname } from 'node:path'
import { judgeCertificate, warnOfValidity } from './client-certificate.ts'
import type { CertificateFile, ClientFile, LocationCredentialFile, OwnFile, SiteCredentialFile } from './credential-file.ts'
import type { ClientCertificate, Credential, LocationCredential, SiteCredential, TokenClient } from './credential-types.ts'
import { judgePassword, judgeToken } from './judge-secret.ts'
import type { ConfigProblem, ConfigWarning, Path } from './problem.ts'
import { type JudgeSecret, resolveSecret } from './resolve-secret.ts'
import type { Secret } from './secret.ts'
import type { Source } from './source.ts'

export interface ResolvePorts {
  readonly source: Source
  readonly env: NodeJS.ProcessEnv
  /** ms since 1970. */
  readonly now: () => number
  readonly problems: ConfigProblem[]
  readonly warnings: ConfigWarning[]
}

const AT: Path = ['credential']
/** Certificates are for everybody to see, and for nobody else to change. */
const PUBLIC = ['certRef', 'caRef']
const OTHERS_READ = 0o004
const OTHERS_WRITE = 0o002

/** The credential of a site, or undefined where a secret is missing or wrong; that is added to `problems`. */
export async function resolveSiteCredential(file: SiteCredentialFile, ports: ResolvePorts): Promise<SiteCredential | undefined> {
  if (file.kind !== 'token_exchange' && file.kind !== 'forward_user') return resolveOwn(file, AT, ports)
  const mistakes = ports.problems.length
  const certificate = file.mtls && (await resolveCertificate(file.mtls, [...AT, 'mtls'], ports))
  const client = file.kind === 'token_exchange' ? await resolveClient(file, AT, ports) : undefined
  const declared = file.own && (await resolveBare(file.own, certificate, ports))
  if (ports.problems.length > mistakes) return undefined
  const beside = certificate && { certificate }
  if (file.kind === 'forward_user') return declared && { kind: file.kind, own: { ...declared, ...beside }, ...beside }
  if (!client) return undefined
  const own: Credential = declared ?? { kind: 'client_credentials', client }
  return { kind: file.kind, client, requestedTokenType: file.requestedTokenType, own: { ...own, ...beside }, ...beside }
}

/** The credential of a location, or undefined where a secret is missing or wrong; that is added to `problems`. */
export async function resolveLocationCredential(
  file: LocationCredentialFile,
  ports: ResolvePorts,
): Promise<LocationCredential | undefined> {
  if (file.kind !== 's3') return resolveOwn(file, AT, ports)
  const accessKey = await fetchSecret(file.accessKeyRef, [...AT, 'accessKeyRef'], ports, judgeToken)
  const secretKey = await fetchSecret(file.secretKeyRef, [...AT, 'secretKeyRef'], ports, judgeToken)
  return accessKey && secretKey && { kind: 's3', accessKey, secretKey }
}

type DeclaredFile = Exclude<LocationCredentialFile, { kind: 's3' }>

async function resolveOwn(file: DeclaredFile, at: Path, ports: ResolvePorts): Promise<Credential | undefined> {
  const [section, path] = file.kind === 'mtls' ? [file, at] : [file.mtls, [...at, 'mtls']]
  const certificate = section && (await resolveCertificate(section, path, ports))
  if (file.kind === 'mtls') return certificate && { kind: 'mtls', certificate }
  const credential = await resolveHeader(file, at, ports)
  if (credential === undefined || (section && !certificate)) return undefined
  return { ...credential, ...(certificate && { certificate }) }
}

/** Its certificate is that of the credential around it. */
async function resolveBare(
  file: OwnFile,
  certificate: ClientCertificate | undefined,
  ports: ResolvePorts,
): Promise<Credential | undefined> {
  if (file.kind === 'mtls') return certificate && { kind: 'mtls', certificate }
  return resolveHeader(file, [...AT, 'own'], ports)
}

type HeaderFile = Exclude<OwnFile, { kind: 'mtls' }>

async function resolveHeader(file: HeaderFile, at: Path, ports: ResolvePorts): Promise<Exclude<Credential, { kind: 'mtls' }> | undefined> {
  switch (file.kind) {
    case 'basic': {
      const password = await fetchSecret(file.passwordRef, [...at, 'passwordRef'], ports, judgePassword)
      return password && { kind: 'basic', username: file.username, password }
    }
    case 'bearer': {
      const token = await fetchSecret(file.tokenRef, [...at, 'tokenRef'], ports, judgeToken)
      return token && { kind: 'bearer', token }
    }
    case 'client_credentials': {
      const client = await resolveClient(file, at, ports)
      return client && { kind: 'client_credentials', client }
    }
  }
}

async function resolveClient(file: Omit<ClientFile, 'kind' | 'mtls'>, at: Path, ports: ResolvePorts): Promise<TokenClient | undefined> {
  const { issuer, tokenUrl, clientId, clientAuth, scope, resource, audience } = file
  const clientSecret = await fetchSecret(file.clientSecretRef, [...at, 'clientSecretRef'], ports, judgePassword)
  const server = issuer !== undefined ? { issuer } : tokenUrl !== undefined ? { tokenUrl } : undefined
  return clientSecret && server && { server, clientId, clientSecret, clientAuth, scope, resource, audience }
}

async function resolveCertificate(file: CertificateFile, at: Path, ports: ResolvePorts): Promise<ClientCertificate | undefined> {
  const { source, problems, warnings } = ports
  const read = async (name: keyof CertificateFile): Promise<Secret | undefined> => {
    const ref = file[name]
    return ref === undefined ? undefined : fetchSecret(ref, [...at, name], ports)
  }
  const mistakes = problems.length
  const [certificate, key, passphrase, ca] = [await read('certRef'), await read('keyRef'), await read('passphraseRef'), await read('caRef')]
  if (problems.length > mistakes || !certificate || !key) return undefined
  const found: ClientCertificate = { certificate: certificate.reveal(), key, passphrase, ca: ca?.reveal() }
  problems.push(...judgeCertificate(found).map(one => source.problem([...at, one.key], one.message, one.fix)))
  const warning = warnOfValidity(found.certificate, ports.now())
  if (warning !== undefined) warnings.push(source.warning([...at, 'certRef'], warning))
  return problems.length > mistakes ? undefined : found
}

/** What a reference leads to, or undefined where it is missing or wrong; that is added to `problems`. */
export async function fetchSecret(
  ref: string,
  path: Path,
  ports: Omit<ResolvePorts, 'now'>,
  judge?: JudgeSecret,
): Promise<Secret | undefined> {
  const { source, env, problems, warnings } = ports
  const found = await resolveSecret(ref, dirname(source.file), env, judge)
  if (!('secret' in found)) {
    problems.push(source.problem(path, found.message, found.fix))
    return undefined
  }
  const warning = warnOfMode(found.mode, PUBLIC.includes(String(path.at(-1))) ? OTHERS_WRITE : OTHERS_READ | OTHERS_WRITE)
  if (warning !== undefined) warnings.push(source.warning(path, warning))
  return found.secret
}

function warnOfMode(mode: number | undefined, forbidden: number): string | undefined {
  if (mode === undefined || (mode & forbidden) === 0) return undefined
  const octal = mode.toString(8).padStart(4, '0')
  return `names a file that others on this machine may ${(mode & OTHERS_WRITE) === 0 ? 'read' : 'read or change'} (${octal}): make it 0600`
}
