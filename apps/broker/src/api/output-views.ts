/**
 * Outputs as our own routes show them. Pure; no link is in what they show. A key whose value is undefined is left out by JSON.
 */
import type { TesTask } from '@portolan/tes'
import type { StoredOutput } from '../stores/store.ts'
import type { Digest, Output, OutputLink } from './data-schemas.ts'
import type { OutputDelivery } from './output-delivery.ts'

/** `mayHave`: whether who asks may have the bytes at all. `drs`: its address as an object. */
export function showOutput(output: StoredOutput, judged: OutputDelivery, mayHave: boolean, drs: string | undefined): Output {
  const { number, url, path, sizeBytes, location, etag, modifiedAt } = output
  const refused = mayHave ? judged : ({ delivery: 'none', why: NOT_YOURS } as const)
  return {
    number,
    url,
    path,
    bytes: sizeBytes === undefined ? undefined : Number(sizeBytes),
    location,
    etag,
    checksums: showDigests(output),
    modified_at: modifiedAt === undefined ? undefined : new Date(modifiedAt).toISOString(),
    drs,
    delivery: refused.delivery,
    why: refused.delivery === 'none' ? refused.why : undefined,
  }
}

const NOT_YOURS = 'Its bytes are for its owner, and for those whom the project lets see the task.'

/** What a task under way has declared. */
export function showDeclared({ url, path }: NonNullable<TesTask['outputs']>[number], number: number): Output {
  return { number, url, path, delivery: 'none', why: 'The task has not ended.' }
}

export function showLink(output: StoredOutput, bytes: number, link: Pick<OutputLink, 'url' | 'expires_at' | 'relayed'>): OutputLink {
  return { ...link, bytes, etag: output.etag, checksums: showDigests(output) }
}

function showDigests({ digests }: StoredOutput): Digest[] | undefined {
  return digests?.map(({ checksum, type }) => ({ checksum, type }))
}
