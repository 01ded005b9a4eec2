/**
 * The S3 client of one location: what it sends leaves by the one way out, is sent once, and goes to the location's server alone, with the location's
 * keys. Nothing of it comes from the environment of the process.
 */
import { GetObjectCommand, S3Client, type UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { LocationServer, S3Credential } from '../config.ts'
import type { Ways } from './outbound-fetch.ts'
import { createS3RequestHandler } from './s3-request-handler.ts'

export interface S3Way {
  readonly client: S3Client
  /** The address that opens one object, or one part of an upload, for `lifeMs`. Asks no server, so it looks itself whether the keys are others now. */
  presign(command: GetObjectCommand | UploadPartCommand, lifeMs: number): Promise<{ readonly url: string; readonly expiresAt: number }>
  /** Names the keys that are in use; says nothing of them. */
  keys(): number
  /** Looks where the keys came from, at most once in a while; true if they are others than those, so that what was refused may be asked again. */
  renew(refused: number): Promise<boolean>
}

export interface S3WayOptions {
  readonly endpoint: string
  readonly server: Pick<LocationServer, 'region' | 'addressing'>
  readonly credential: S3Credential
  readonly ways: Ways
  /** ms since 1970. */
  readonly now: () => number
}

const READ_AGAIN_MS = 2_000
const LONG_AGO = new Date(0)

export function openS3Way({ endpoint, server, credential, ways, now }: S3WayOptions): S3Way {
  const { accessKey, secretKey } = credential
  const client = new S3Client({
    endpoint,
    region: server.region,
    forcePathStyle: server.addressing === 'path',
    // Keys that seem to have expired are asked for each time: those in a file may be others by then.
    credentials: async () => ({ accessKeyId: accessKey.reveal(), secretAccessKey: secretKey.reveal(), expiration: LONG_AGO }),
    requestHandler: createS3RequestHandler(ways),
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    // Sums that the client adds would be of an empty body in links, and make a stream another document in the eyes of some servers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    followRegionRedirects: false,
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    disableS3ExpressSessionAuth: true,
    disableMultiregionAccessPoints: true,
    userAgentAppId: 'portolan',
    ignoreConfiguredEndpointUrls: true,
  })
  let read: { readonly at: number; readonly done: Promise<unknown> } | undefined
  let known = [accessKey.reveal(), secretKey.reveal()]
  let named = 0
  const keys = (): number => {
    const current = [accessKey.reveal(), secretKey.reveal()]
    if (current.some((key, at) => key !== known[at])) named += 1
    known = current
    return named
  }

  async function readAgain(): Promise<void> {
    if (read === undefined || now() - read.at >= READ_AGAIN_MS) {
      read = { at: now(), done: Promise.all([accessKey.renew(), secretKey.renew()]) }
    }
    await read.done
  }

  return {
    client,
    async presign(command, lifeMs) {
      await readAgain()
      const expiresIn = Math.floor(lifeMs / 1000)
      const at = now()
      const life = { expiresIn, signingDate: new Date(at) }
      const url = await (command instanceof GetObjectCommand ? getSignedUrl(client, command, life) : getSignedUrl(client, command, life))
      return { url, expiresAt: Math.floor(at / 1000) * 1000 + expiresIn * 1000 }
    },
    keys,
    async renew(refused) {
      await readAgain()
      return keys() !== refused
    },
  }
}
