/**
 * Makes certificate authorities and certificates for tests of TLS, with node:crypto and as much DER (X.690) as an X.509 certificate needs.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

export interface MadeCertificate {
  /** In PEM, both. */
  readonly certificate: string
  readonly key: string
}

export interface CertificateWishes {
  readonly name: string
  /** ms since 1970. Default: valid for a day around now. */
  readonly from?: number
  readonly until?: number
  /** Locks the key. */
  readonly passphrase?: string
}

export interface Authority extends MadeCertificate {
  /** A certificate for `localhost` and 127.0.0.1, good for servers and for clients. */
  issue(wishes: CertificateWishes): MadeCertificate
}

const DAY_MS = 86_400_000
const ECDSA_SHA256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const TRUE = Buffer.from('0101ff', 'hex')

export function makeAuthority(name: string): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const basicConstraints = der(0x30, Buffer.from('0603551d13', 'hex'), TRUE, der(0x04, der(0x30, TRUE)))
  const build = (wishes: CertificateWishes, publicKey: KeyObject, extension: Buffer): string =>
    toPem(signed(toBeSigned(name, wishes, publicKey, extension), own.privateKey))
  return {
    certificate: build({ name }, own.publicKey, basicConstraints),
    key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    issue(wishes) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const names = der(0x30, der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))
      const lock = wishes.passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase: wishes.passphrase }
      return {
        certificate: build(wishes, publicKey, der(0x30, Buffer.from('0603551d11', 'hex'), der(0x04, names))),
        key: privateKey.export({ type: 'pkcs8', format: 'pem', ...lock }).toString(),
      }
    },
  }
}

function toBeSigned(issuer: string, { name, from, until }: CertificateWishes, publicKey: KeyObject, extension: Buffer): Buffer {
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)])
  const now = Date.now()
  return der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_SHA256,
    nameOf(issuer),
    der(0x30, timeOf(from ?? now - DAY_MS), timeOf(until ?? now + DAY_MS)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, extension)),
  )
}

function signed(body: Buffer, key: KeyObject): Buffer {
  return der(0x30, body, ECDSA_SHA256, der(0x03, Buffer.from([0]), sign('sha256', body, key)))
}

function nameOf(name: string): Buffer {
  return der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from(name)))))
}

function timeOf(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)
  return der(0x17, Buffer.from(`${digits}Z`))
}

/** One value: tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----'].join('\n')
}
