/**
 * What tests of locating need: locations as their files declare them, and the locator with all that the broker opens around it.
 */
import type { Project } from '@portolan/federation'
import { Registry } from 'prom-client'
import { onTestFinished } from 'vitest'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import type { S3Key } from '../../../test/s3/signature.ts'
import { openSubjectTokens } from '../src/auth/subject-tokens.ts'
import { declaredOriginsOf } from '../src/compose/declared-origins.ts'
import { type OpenedData, openData } from '../src/compose/open-data.ts'
import { originOf } from '../src/config/checks.ts'
import { convertLocation, convertServer } from '../src/config/convert.ts'
import { LocationFile } from '../src/config/location-file.ts'
import { type ConfiguredLocation, type LocationCredential, Secret } from '../src/config.ts'
import { createOutboundFetch } from '../src/http/outbound-fetch.ts'

export interface DeclaredFields {
  readonly id: string
  readonly kind: 'http' | 's3' | 'drs'
  /** URLs, or with their rules. */
  readonly prefixes: readonly (string | { readonly url: string; readonly [rule: string]: unknown })[]
  readonly [key: string]: unknown
}

/** A location in Germany, as its file says. */
export function declareLocation({ prefixes, ...fields }: DeclaredFields, credential?: LocationCredential): ConfiguredLocation {
  const named = credential?.kind === 's3' && { credential: { kind: 's3', accessKeyRef: 'env:A', secretKeyRef: 'env:B' } }
  const file = LocationFile.parse({
    country: 'DE',
    prefixes: prefixes.map(prefix => (typeof prefix === 'string' ? { url: prefix } : prefix)),
    ...named,
    ...fields,
  })
  return { location: convertLocation(file), server: convertServer(file), origin: originOf(file), credential, file: 'test' }
}

/** The broker's key at S3 servers of tests. */
export const BROKER_KEY: S3Key = { reader: 'broker', accessKey: makeSecret('access-of-broker'), secretKey: makeSecret('secret-of-broker') }

export function declareS3(id: string, endpoint: string, prefixes: readonly string[], more: object = {}): ConfiguredLocation {
  const { accessKey, secretKey } = BROKER_KEY
  const credential = { kind: 's3', accessKey: new Secret(accessKey), secretKey: new Secret(secretKey) } as const
  return declareLocation({ id, kind: 's3', endpoint, prefixes, ...more }, credential)
}

export interface OpenedLocator extends OpenedData {
  /** The metrics, as text. */
  readonly metrics: () => Promise<string>
}

/** Ends with the test. */
export async function openLocator(
  locations: readonly ConfiguredLocation[],
  now: () => number = Date.now,
  projects: readonly Pick<Project, 'id' | 'owns'>[] = [],
): Promise<OpenedLocator> {
  const outbound = createOutboundFetch({ declaredOrigins: locations.flatMap(declaredOriginsOf) })
  const registry = new Registry()
  const data = await openData(locations, projects, { outbound, subjectTokens: openSubjectTokens, now }, registry)
  onTestFinished(async () => {
    await data[Symbol.asyncDispose]()
    await outbound[Symbol.asyncDispose]()
  })
  return { ...data, metrics: () => registry.metrics() }
}
