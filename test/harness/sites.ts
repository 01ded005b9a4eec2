/**
 * The sites of a test federation: fakes that run nothing and tell of every request, and real ones that run plain processes.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Site, type SiteOptions, startSite } from '@portolan/site'
import { createFakeSite, type FakeSite, type FakeSiteOptions } from '@portolan/tes/testing'
import { makeSecret } from '../leaks/secrets.ts'

/** What of a site's YAML file matters to the test; the rest is filled in. */
export type SiteFields = Readonly<Record<string, unknown>>

export interface SiteSpec {
  readonly id: string
  readonly kind: 'fake' | 'real'
  readonly fields: SiteFields
  readonly fake: FakeSiteOptions
  readonly real: Partial<SiteOptions>
  /** Without a login. */
  readonly open: boolean
}

/** A fake site. `fields` are keys of its YAML file. */
export function fakeSite(id: string, fields: SiteFields = {}, fake: FakeSiteOptions = {}): SiteSpec {
  return { id, kind: 'fake', fields, fake, real: {}, open: false }
}

/** A fake site without a login. */
export function openSite(id: string, fields: SiteFields = {}, fake: FakeSiteOptions = {}): SiteSpec {
  return { ...fakeSite(id, fields, fake), open: true }
}

/** A real site with a data folder of its own. */
export function realSite(id: string, fields: SiteFields = {}, real: Partial<SiteOptions> = {}): SiteSpec {
  return { id, kind: 'real', fields, fake: {}, real, open: false }
}

export interface StartedSite {
  readonly spec: SiteSpec
  /** Base address of its TES API. */
  readonly url: string
  readonly fake: FakeSite | undefined
  readonly real: Site | undefined
  /** Of a real site: where its data lie on disk. */
  readonly dataFolder: string
  /** Ends it; a second time changes nothing. */
  stop(): Promise<void>
}

/** The token of a site, or of the broker as a reader of its data. */
export function tokenOf(id: string): string {
  return makeSecret(`secret-of-${id}`)
}

export async function startSpec(spec: SiteSpec, folder: string): Promise<StartedSite> {
  const token = spec.open ? undefined : tokenOf(spec.id)
  const dataFolder = join(folder, spec.id, 'data')
  if (spec.kind === 'fake') {
    const fake = await createFakeSite({ token, ...spec.fake })
    return { spec, url: fake.url, fake, real: undefined, dataFolder, stop: once(fake) }
  }
  await mkdir(dataFolder, { recursive: true })
  const real = await startSite({
    id: spec.id,
    work: join(folder, spec.id, 'work'),
    data: dataFolder,
    runner: 'process',
    allowRoot: true,
    token,
    limits: { graceMs: 200 },
    ...spec.real,
  })
  return { spec, url: `${real.url}/ga4gh/tes/v1`, fake: undefined, real, dataFolder, stop: once(real) }
}

/** The site's entry in the broker's configuration; its secret is in the environment, under `secretName()`. */
export function siteEntry({ spec, url }: StartedSite): SiteFields {
  return {
    id: spec.id,
    url,
    place: { country: 'DE' },
    ...(!spec.open && { credential: { kind: 'bearer', tokenRef: `env:${secretName(spec.id)}` }, maxSensitivity: 'controlled' }),
    ...spec.fields,
    limits: { requestsPerSecond: 200, ...(spec.fields.limits as SiteFields | undefined) },
  }
}

export function secretName(id: string): string {
  return `TOKEN_${id.toUpperCase()}`
}

function once(owned: AsyncDisposable): () => Promise<void> {
  let ending: Promise<void> | undefined
  return () => {
    ending ??= Promise.resolve(owned[Symbol.asyncDispose]())
    return ending
  }
}
