/**
 * One file on its way into a project: begun at the broker or gone on with, its missing parts sent, and an object made of them once the store has all.
 */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { NewUpload, Upload, UploadedObject } from '@portolan/broker/portolan-schemas'
import { ApiError } from '@portolan/ga4gh'
import type { BrokerClient } from '../broker-client.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { chooseDigest, hasDigest } from './digest.ts'
import { openPartPlace } from './part-place.ts'
import { type Part, planParts } from './plan-parts.ts'
import { type PartWays, sendPart } from './send-part.ts'
import { type FileState, openUploadJournal, type UploadJournal } from './upload-journal.ts'

export interface UploadPorts {
  readonly broker: Pick<BrokerClient, 'createUpload' | 'getUpload' | 'createPartLinks' | 'completeUpload' | 'abortUpload' | 'partPath'>
  readonly ways: PartWays
  /** Of the broker: an upload that is under way at another one is none here. */
  readonly server: string
  /** Runs one part after the other, as many at once as there may be. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>
  readonly progress: (bytes: number) => void
  readonly signal: AbortSignal
}

/** What the file is to be. */
export type Target = Pick<NewUpload, 'name' | 'project' | 'replace'>

export interface Uploaded {
  readonly url: string
  readonly bytes: number
  /** What was sent now; the rest was there. */
  readonly sent: number
  /** The type of the digest that was right. Absent: the store names none that can be checked here. */
  readonly checked?: string | undefined
}

/** As many as an object of S3 can have. */
const MOST_PARTS = 10_000
/** A store may lose what it had, once. */
const MOST_ROUNDS = 3

/** Throws a `Failure` or an `ApiError`; parts that have come stay for the next try. */
export async function uploadFile(path: string, target: Target, ports: UploadPorts): Promise<Uploaded> {
  const { broker, signal } = ports
  // A pipe in its place would hold the command.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const state = await lookAt(file)
  const journal = openUploadJournal(path, [ports.server, target.project ?? '', target.name, target.replace === true])
  const requireSame = async (): Promise<void> => {
    const now = await lookAt(file)
    if (now.bytes !== state.bytes || now.modified !== state.modified) throw new Changed()
  }

  let under = await findUnderWay(state, journal, ports)
  if (under === undefined) {
    under = { upload: await begin({ ...target, bytes: state.bytes }, ports) }
    await journal.write(state, under.upload.id)
  }
  let sent = 0
  const count = (bytes: number): void => {
    sent += bytes
    ports.progress(bytes)
  }
  try {
    if ('upload' in under) ports.progress(state.bytes - sumOf(findMissing(under.upload)))
    const object = 'object' in under ? under.object : await sendAll(under.upload, file, requireSame, { ...ports, progress: count })
    const digest = chooseDigest(object.checksums ?? [])
    if (digest && !(await hasDigest(file, digest, signal))) {
      await journal.remove()
      throw fail(`What is at ${object.url} now has not the ${digest.type} of the file`, 'Send it again with --replace.')
    }
    await journal.remove()
    return { url: object.url, bytes: state.bytes, sent, checked: digest?.type }
  } catch (error) {
    if ('object' in under) throw error
    if (error instanceof Changed || isTaken(error) || isGone(error)) await journal.remove()
    // Who cannot be told forgets it by itself after a week.
    if (error instanceof Changed || isTaken(error)) await broker.abortUpload(under.upload.id).catch(() => undefined)
    if (isGone(error)) throw fail('Its upload is over', 'Send it again: it begins anew.')
    throw isTaken(error) ? taken(error) : error
  }
}

class Changed extends Failure {
  constructor() {
    super('It has changed while it was sent, and was given up', { exitCode: EXIT.failed, fix: 'Send it again when it is whole.' })
  }
}

async function lookAt(file: FileHandle): Promise<FileState> {
  const found = await file.stat({ bigint: true })
  if (!found.isFile()) throw new Failure('It is no file', { fix: 'Give files; of a folder make an archive first.' })
  return { bytes: Number(found.size), modified: String(found.mtimeNs) }
}

type UnderWay = { readonly upload: Upload } | { readonly object: UploadedObject }

/** What an earlier command has begun. One whose last answer was lost may be over already. */
async function findUnderWay(state: FileState, journal: UploadJournal, { broker, progress }: UploadPorts): Promise<UnderWay | undefined> {
  const id = await journal.read(state)
  if (id === undefined) return undefined
  try {
    const upload = await broker.getUpload(id)
    return upload.bytes === state.bytes ? { upload } : undefined
  } catch (error) {
    if (!isGone(error)) throw error
  }
  try {
    const object = await broker.completeUpload(id)
    progress(state.bytes)
    return object.bytes === state.bytes ? { object } : undefined
  } catch (error) {
    if (!isGone(error)) throw error
    return undefined
  }
}

async function begin(upload: NewUpload, { broker }: UploadPorts): Promise<Upload> {
  try {
    return await broker.createUpload(upload)
  } catch (error) {
    throw isTaken(error) ? taken(error) : error
  }
}

/** Sends what the store does not have, until it has all. */
async function sendAll(first: Upload, file: FileHandle, requireSame: () => Promise<void>, ports: UploadPorts): Promise<UploadedObject> {
  const { broker } = ports
  let upload = first
  for (let round = 1; ; round++) {
    const missing = findMissing(upload)
    await sendMissing(upload, missing, file, requireSame, ports)
    await requireSame()
    try {
      return await broker.completeUpload(upload.id)
    } catch (error) {
      if (round >= MOST_ROUNDS || !(error instanceof ApiError) || error.type !== INCOMPLETE) throw error
      upload = await broker.getUpload(upload.id)
    }
  }
}

function findMissing({ bytes, part_bytes, parts }: Upload): readonly Part[] {
  // An empty file has one part, which is empty.
  if (bytes === 0) return parts.some(part => part.number === 1 && part.bytes === 0) ? [] : [{ number: 1, from: 0, bytes: 0 }]
  if (part_bytes === 0 || bytes / part_bytes > MOST_PARTS) {
    throw fail('The broker wants it in more parts than there can be', 'Tell the operator of the broker.')
  }
  const sizes = new Map(parts.map(part => [part.number, part.bytes]))
  return planParts(bytes, part_bytes).filter(part => sizes.get(part.number) !== part.bytes)
}

async function sendMissing(
  upload: Upload,
  missing: readonly Part[],
  file: FileHandle,
  requireSame: () => Promise<void>,
  { broker, ways, inTurn, progress, signal: stop }: UploadPorts,
): Promise<void> {
  const failed = new AbortController()
  const signal = AbortSignal.any([stop, failed.signal])
  const numbers = missing.map(({ number }) => number)
  const place = openPartPlace(broker, ways, upload, numbers, requireSame)
  const sendOne = async (part: Part): Promise<void> => {
    if (signal.aborted) return
    try {
      await sendPart(place, part, { file, progress, signal })
    } catch (error) {
      failed.abort(error)
    }
  }
  await Promise.all(missing.map(part => inTurn(() => sendOne(part))))
  signal.throwIfAborted()
}

const INCOMPLETE = 'urn:portolan:error:upload-incomplete'
const TAKEN = 'urn:portolan:error:upload-exists'

function isTaken(error: unknown): error is ApiError {
  return error instanceof ApiError && error.type === TAKEN
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'not_found'
}

function taken(cause: ApiError): Failure {
  const fix = 'Give it another name with --as, or let what is there give way with --replace.'
  return new Failure('Something has its name there already', { exitCode: EXIT.failed, fix, requestId: cause.requestId, cause })
}

function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0)
}

function fail(message: string, fix: string): Failure {
  return new Failure(message, { exitCode: EXIT.failed, fix })
}
