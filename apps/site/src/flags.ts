/**
 * The command line of a site: every mistake is found before anything starts, and all are reported together.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findMistakes } from './check-options.ts'
import { OptionsRefused, type SiteOptions } from './options.ts'
import type { S3Credential } from './s3/buckets.ts'

const SPEC = {
  id: { type: 'string' },
  name: { type: 'string' },
  country: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  'public-url': { type: 'string' },
  work: { type: 'string' },
  data: { type: 'string' },
  runner: { type: 'string' },
  'token-ref': { type: 'string' },
  open: { type: 'boolean' },
  'allow-root': { type: 'boolean' },
  network: { type: 'boolean' },
  rootfs: { type: 'string', multiple: true },
  reader: { type: 'string', multiple: true },
  public: { type: 'string', multiple: true },
  fetch: { type: 'string', multiple: true },
  s3: { type: 'string', multiple: true },
  bucket: { type: 'string', multiple: true },
  's3-region': { type: 'string' },
  'file-root': { type: 'string', multiple: true },
  slots: { type: 'string' },
  'hold-create-ms': { type: 'string' },
} as const

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads the flags and the secrets they refer to. Throws `OptionsRefused` with one line per mistake. */
export function parseFlags(args: readonly string[], env: Environment): SiteOptions {
  const mistakes: string[] = []
  const values = readValues(args, mistakes)
  /** Reads every value of a flag, and collects what is wrong with it. */
  function read<T>(flag: keyof typeof SPEC, parse: (text: string) => T): T[] {
    const given = values[flag]
    const texts = given === undefined || typeof given === 'boolean' ? [] : [given].flat()
    return texts.flatMap(text => {
      try {
        return [parse(text)]
      } catch (error) {
        mistakes.push(`--${flag}: ${error instanceof Error ? error.message : String(error)}`)
        return []
      }
    })
  }

  if (values.id === undefined) mistakes.push('--id: every site needs one, as --id berlin')
  if ((values['token-ref'] === undefined) === (values.open !== true)) mistakes.push('--token-ref or --open: give one of the two')
  const [id = ''] = read('id', readId)
  const options: SiteOptions = {
    id,
    name: values.name,
    country: values.country,
    host: values.host,
    port: read('port', text => readNumber(text, 0, 65_535))[0],
    publicUrl: read('public-url', readPublicUrl)[0],
    work: resolve(values.work ?? `data/site-${id}`),
    data: read('data', text => resolve(text))[0],
    runner: read('runner', readRunner)[0] ?? 'auto',
    // A token that cannot be read never means that none is asked for.
    token: values['token-ref'] === undefined ? undefined : (read('token-ref', text => readSecret(text, env))[0] ?? ''),
    allowRoot: values['allow-root'],
    network: values.network,
    rootfs: Object.fromEntries(read('rootfs', text => readPair(text, folder => resolve(folder)))),
    readers: Object.fromEntries(read('reader', text => readPair(text, ref => readSecret(ref, env)))),
    publicPrefixes: read('public', readPrefix),
    fetch: Object.fromEntries(read('fetch', text => readOrigin(text, env))),
    s3: Object.fromEntries(read('s3', text => readServer(text, env))),
    buckets: Object.fromEntries(read('bucket', readBucket)),
    s3Region: read('s3-region', readRegion)[0],
    fileRoots: read('file-root', text => resolve(text)),
    slots: read('slots', text => readNumber(text, 1, 10_000))[0],
    holdCreateMs: read('hold-create-ms', readSpan)[0],
  }
  mistakes.push(...findMistakes(options))
  if (mistakes.length > 0) throw new OptionsRefused(mistakes.join('\n'))
  return options
}

/** Words that are no flag of the site are mistakes; all others are read all the same. */
function readValues(args: readonly string[], mistakes: string[]) {
  const { tokens } = parseArgs({ args: [...args], options: SPEC, strict: false, tokens: true })
  const good: string[] = []
  for (const token of tokens) {
    const word = args[token.index] ?? ''
    if (token.kind === 'positional')
      mistakes.push(`${JSON.stringify(word)} belongs to no flag: leave it out, or put it in quotes with the words before it`)
    if (token.kind !== 'option') continue
    const spec = Object.hasOwn(SPEC, token.name) ? SPEC[token.name as keyof typeof SPEC] : undefined
    if (!spec) mistakes.push(`${token.rawName}: there is no such flag; --help shows all of them`)
    else if (spec.type === 'boolean' && token.value !== undefined) mistakes.push(`${token.rawName}: it takes no value`)
    else if (spec.type === 'string' && (token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))))
      mistakes.push(`${token.rawName}: it needs a value; write ${token.rawName}=VALUE for one that begins with "-"`)
    else good.push(token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`)
  }
  return parseArgs({ args: good, options: SPEC, strict: true, allowPositionals: false }).values
}

function readId(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(text)) throw new Error('an id has letters, digits, "_" and "-" only')
  return text
}

function readNumber(text: string, min: number, max: number): number {
  const value = Number(text)
  if (!/^[0-9]+$/.test(text) || value < min || value > max)
    throw new Error(`${JSON.stringify(text)} is not a whole number from ${min} to ${max}`)
  return value
}

function readRunner(text: string): SiteOptions['runner'] {
  switch (text) {
    case 'auto':
    case 'podman':
    case 'docker':
    case 'process':
      return text
    case 'bwrap':
      return 'bubblewrap'
    default:
      throw new Error(`${JSON.stringify(text)} is not one of auto, podman, docker, bwrap, process`)
  }
}

/** The secret that `env:NAME` or `file:PATH` refers to. */
function readSecret(reference: string, env: Environment): string {
  const [, kind, where = ''] = /^(env|file):(.+)$/.exec(reference) ?? []
  if (kind === undefined) throw new Error('a secret is given as env:NAME or file:PATH, never itself')
  const secret = kind === 'env' ? env[where] : readSecretFile(where)
  if (!secret) throw new Error(`${reference} is empty or not there`)
  return secret
}

function readSecretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** `NAME=VALUE`; a name may hold `=` no more than an image or a reader does. */
function readPair<T>(text: string, parse: (value: string) => T): [string, T] {
  const equals = text.indexOf('=')
  if (equals < 1) throw new Error(`${JSON.stringify(text)} is not NAME=VALUE`)
  return [text.slice(0, equals), parse(text.slice(equals + 1))]
}

/** `ORIGIN` or `ORIGIN=REFERENCE`. */
function readOrigin(text: string, env: Environment): [string, string | undefined] {
  const [, origin = '', reference] = /^([^=]+)(?:=(.*))?$/.exec(text) ?? []
  const url = URL.parse(origin)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.pathname !== '/' || url.search || url.username) {
    throw new Error(`${JSON.stringify(origin)} is not an origin like https://data.example.org`)
  }
  return [url.origin, reference === undefined ? undefined : readSecret(reference, env)]
}

/** `ORIGIN=REFERENCE`, where the secret is an access key and a secret key with a colon between them. */
function readServer(text: string, env: Environment): [string, S3Credential] {
  const [origin, secret] = readOrigin(text, env)
  const [, accessKey, secretKey] = /^([^:\s]+):(\S+)$/.exec(secret ?? '') ?? []
  if (accessKey === undefined || secretKey === undefined)
    throw new Error(`${origin} needs a key, as ${origin}=env:NAME with ACCESS_KEY:SECRET_KEY in it`)
  return [origin, { accessKey, secretKey }]
}

/** `NAME=ORIGIN`. */
function readBucket(text: string): [string, string] {
  const [name, origin] = readPair(text, where => readOrigin(where, {})[0])
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/.test(name)) throw new Error(`${JSON.stringify(name)} is not the name of a bucket`)
  return [name, origin]
}

function readRegion(text: string): string {
  if (!/^[a-z0-9-]+$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a region like eu-central-1`)
  return text
}

function readPublicUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.search || url.hash || url.username)
    throw new Error(`${JSON.stringify(text)} is not a base URL like https://tes.example.org/site`)
  return url.href.replace(/\/+$/, '')
}

function readPrefix(text: string): string {
  if (!text.startsWith('/') || !text.endsWith('/'))
    throw new Error(`${JSON.stringify(text)} must begin and end with "/": it is a directory below --data`)
  return text
}

function readSpan(text: string): [number, number] {
  const [, min, max] = /^([0-9]+)-([0-9]+)$/.exec(text) ?? []
  if (min === undefined || max === undefined || Number(max) < Number(min))
    throw new Error(`${JSON.stringify(text)} is not MIN-MAX in milliseconds`)
  return [Number(min), Number(max)]
}
