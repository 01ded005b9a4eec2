/**
 * Looks at a client certificate when the configuration is loaded, so that a wrong one is a mistake with a place and not a broken handshake.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { ClientCertificate } from './credential-types.ts'

/** What is wrong with one of its parts. */
export interface CertificateProblem {
  readonly key: 'certRef' | 'keyRef' | 'passphraseRef' | 'caRef'
  readonly message: string
  readonly fix: string
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
const SOON_DAYS = 30
const DAY_MS = 86_400_000

/** All its mistakes. No message repeats what stands in it. */
export function judgeCertificate({ certificate, key, passphrase, ca }: ClientCertificate): CertificateProblem[] {
  const problems: CertificateProblem[] = []
  const own = readCertificates(certificate)?.[0]
  if (!own)
    problems.push({
      key: 'certRef',
      message: 'holds no certificate in PEM',
      fix: 'give it the text that begins with -----BEGIN CERTIFICATE-----',
    })
  const opened = openKey(key.reveal(), passphrase?.reveal())
  if (typeof opened === 'string') problems.push(describeKey(opened))
  else if (own && !own.checkPrivateKey(opened)) {
    problems.push({ key: 'keyRef', message: 'is not the key of the certificate', fix: 'take the key that the certificate was made with' })
  }
  if (ca !== undefined && !readCertificates(ca)) {
    problems.push({
      key: 'caRef',
      message: 'holds no certificate in PEM',
      fix: 'give it the text that begins with -----BEGIN CERTIFICATE-----',
    })
  }
  return problems
}

/** What the operator should know of when it is valid. `at`: ms since 1970. */
export function warnOfValidity(certificate: string, at: number): string | undefined {
  const own = readCertificates(certificate)?.[0]
  if (!own) return undefined
  const from = own.validFromDate.getTime()
  const until = own.validToDate.getTime()
  if (until <= at) return `holds a certificate that expired on ${dayOf(until)}: whoever looks at it refuses the broker`
  if (from > at) return `holds a certificate that is not valid before ${dayOf(from)}: whoever looks at it refuses the broker`
  if (until - at < SOON_DAYS * DAY_MS) return `holds a certificate that expires on ${dayOf(until)}`
  return undefined
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** Undefined where there is none, or one cannot be read. */
function readCertificates(pem: string): readonly X509Certificate[] | undefined {
  try {
    const found = (pem.match(PEM) ?? []).map(one => new X509Certificate(one))
    return found.length === 0 ? undefined : found
  } catch {
    return undefined
  }
}

function openKey(pem: string, passphrase: string | undefined): KeyObject | 'locked' | 'wrong passphrase' | 'no key' {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) })
  } catch {
    // What Node and OpenSSL say of it differs with the form of the key, which says itself whether it is locked.
    if (!/\bENCRYPTED\b/.test(pem)) return 'no key'
    return passphrase === undefined ? 'locked' : 'wrong passphrase'
  }
}

function describeKey(what: 'locked' | 'wrong passphrase' | 'no key'): CertificateProblem {
  switch (what) {
    case 'locked':
      return { key: 'keyRef', message: 'holds a key that is locked', fix: 'add passphraseRef' }
    case 'wrong passphrase':
      return { key: 'passphraseRef', message: 'does not open the key', fix: 'give it the passphrase that the key was locked with' }
    case 'no key':
      return { key: 'keyRef', message: 'holds no private key in PEM', fix: 'give it the text that begins with -----BEGIN PRIVATE KEY-----' }
  }
}
