/**
 * The check of an S3 server: is a request signed by a key that is known here, for this server, now? Signature version 4 as AWS describes it, in the
 * header form and in the query form of presigned URLs. Written from the description, not by the library that signs. Pure: the time is passed in.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface S3Key {
  readonly accessKey: string
  readonly secretKey: string
  /** What the access log calls whoever has it. */
  readonly reader: string
  /** Which buckets it opens; default: all. */
  readonly buckets?: readonly string[] | undefined
  /** It reads, and writes nothing. */
  readonly readOnly?: boolean | undefined
}

export interface SignedRequest {
  readonly method: string
  /** As it came: path and query. */
  readonly target: string
  /** Names in lower case; a header that came more than once has its values joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface SignatureRules {
  readonly keys: readonly S3Key[]
  readonly region: string
  /** ms since 1970. */
  readonly now: number
}

export type Verdict =
  /** `payload`: the digest that is signed, or a word for how the body comes. */
  | { readonly signed: true; readonly key: S3Key; readonly payload: string }
  | { readonly signed: false; readonly status: number; readonly code: string; readonly message: string }

const ALGORITHM = 'AWS4-HMAC-SHA256'
const MAX_SKEW_MS = 15 * 60_000
const MAX_LIFE_S = 7 * 86_400
const NO_DIGEST = 'UNSIGNED-PAYLOAD'

/** What the request says of itself, whichever form it has. */
interface Claim {
  readonly credential: string
  readonly signedHeaders: string
  readonly signature: string
  /** `20261122T193000Z`. */
  readonly date: string
  /** Of a presigned URL. */
  readonly expires?: number | undefined
  readonly payload: string
}

/** Answers who has signed the request, or with which words of S3 it is refused. */
export function checkSignature(request: SignedRequest, rules: SignatureRules): Verdict {
  const [path = '', query = ''] = splitOnce(request.target, '?')
  const parameters = readQuery(query)
  const claim = readClaim(request, parameters)
  if ('code' in claim) return claim
  const [accessKey = '', day = '', region = '', service = '', last = ''] = claim.credential.split('/')
  const key = rules.keys.find(known => known.accessKey === accessKey)
  if (!key) return refuse(403, 'InvalidAccessKeyId', 'this access key is not known here')
  if (region !== rules.region)
    return refuse(400, 'AuthorizationHeaderMalformed', `the region ${region} is wrong; expecting ${rules.region}`)
  if (service !== 's3' || last !== 'aws4_request' || day !== claim.date.slice(0, 8))
    return refuse(400, 'AuthorizationHeaderMalformed', 'the scope of the credential is not of this day and this service')
  const late = checkTime(claim, rules.now)
  if (late) return late
  const names = claim.signedHeaders.split(';')
  const unsigned = findUnsigned(request, names)
  if (unsigned !== undefined) return refuse(403, 'AccessDenied', `the header ${unsigned} is not signed`)
  const canonical = [
    request.method,
    canonicalPath(path),
    canonicalQuery(parameters),
    ...names.map(name => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    claim.signedHeaders,
    claim.payload,
  ].join('\n')
  const text = [ALGORITHM, claim.date, [day, region, service, last].join('/'), digest(canonical)].join('\n')
  const expected = sign([day, region, service, last].reduce(sign, Buffer.from(`AWS4${key.secretKey}`)), text)
  const given = Buffer.from(claim.signature, 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return refuse(403, 'SignatureDoesNotMatch', 'the signature is not that of this request')
  return { signed: true, key, payload: claim.payload }
}

function readClaim({ headers }: SignedRequest, parameters: readonly Parameter[]): Claim | Extract<Verdict, { signed: false }> {
  const get = (name: string): string | undefined => parameters.find(parameter => parameter.name === name)?.value
  const { authorization } = headers
  const isPresigned = get('X-Amz-Signature') !== undefined || get('X-Amz-Algorithm') !== undefined
  if (isPresigned && authorization !== undefined) return refuse(400, 'InvalidArgument', 'only one way to log in is allowed')
  if (isPresigned) {
    const [algorithm, credential, date, expires, signedHeaders, signature] = [
      ...['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature'].map(name => get(`X-Amz-${name}`)),
    ]
    const life = Number(expires)
    if (algorithm !== ALGORITHM || !credential || !date || !signedHeaders || !signature || !/^[0-9]+$/.test(expires ?? ''))
      return refuse(400, 'AuthorizationQueryParametersError', 'the query lacks a part of the signature')
    if (life < 1 || life > MAX_LIFE_S) return refuse(400, 'AuthorizationQueryParametersError', 'X-Amz-Expires is of 1 to 604800 seconds')
    return { credential, signedHeaders, signature, date, expires: life, payload: get('X-Amz-Content-Sha256') ?? NO_DIGEST }
  }
  if (authorization === undefined) return refuse(403, 'AccessDenied', 'anonymous requests are not allowed here')
  const [, credential, signedHeaders, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(authorization) ?? []
  if (credential === undefined || signedHeaders === undefined || signature === undefined)
    return refuse(400, 'InvalidArgument', 'this kind of Authorization is not taken here')
  const payload = headers['x-amz-content-sha256']
  if (payload === undefined) return refuse(400, 'InvalidRequest', 'the header x-amz-content-sha256 is missing')
  return { credential, signedHeaders, signature, date: headers['x-amz-date'] ?? '', payload }
}

function checkTime({ date, expires }: Claim, now: number): Verdict | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? []
  if (year === undefined) return refuse(403, 'AccessDenied', 'x-amz-date is missing or no time')
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (expires === undefined) {
    if (Math.abs(now - at) > MAX_SKEW_MS) return refuse(403, 'RequestTimeTooSkewed', 'the clocks differ by more than 15 minutes')
    return undefined
  }
  if (at > now + MAX_SKEW_MS) return refuse(403, 'AccessDenied', 'the request is not valid yet')
  return now >= at + expires * 1000 ? refuse(403, 'AccessDenied', 'the request has expired') : undefined
}

/** The host must be signed, and whatever tells the server what to do. */
function findUnsigned({ headers }: SignedRequest, names: readonly string[]): string | undefined {
  return ['host', ...Object.keys(headers).filter(name => name.startsWith('x-amz-'))].find(name => !names.includes(name))
}

interface Parameter {
  readonly name: string
  readonly value: string
}

export function readQuery(query: string): readonly Parameter[] {
  return query
    .split('&')
    .filter(Boolean)
    .map(pair => {
      const [name = '', value = ''] = splitOnce(pair, '=')
      return { name: decode(name), value: decode(value) }
    })
}

function canonicalQuery(parameters: readonly Parameter[]): string {
  return parameters
    .filter(({ name }) => name !== 'X-Amz-Signature')
    .map(({ name, value }) => `${encode(name)}=${encode(value)}`)
    .sort((a, b) => (a < b ? -1 : Number(a > b)))
    .join('&')
}

/** Unlike other services S3 escapes a path once, and leaves its dots and slashes as they are. */
function canonicalPath(path: string): string {
  return path
    .split('/')
    .map(segment => encode(decode(segment)))
    .join('/')
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** What is no escape stays as it is, and fits no signature. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function sign(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function refuse(status: number, code: string, message: string): Extract<Verdict, { signed: false }> {
  return { signed: false, status, code, message }
}
