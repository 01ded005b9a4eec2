/**
 * Has the links made that a site needs to read its inputs, all of them or none: a document with a hole in it would fail at the site.
 */
import type { LinkWish, StagedInput } from '@portolan/federation'
import type { Links } from '../data/links.ts'

export type StagingOutcome =
  | { readonly outcome: 'staged'; readonly staged: readonly StagedInput[] }
  /** `lasting`: it would be the same again. The sentence holds no link. */
  | { readonly outcome: 'failed'; readonly lasting: boolean; readonly why: string }

/** The intent is not written before it is done, so a slow store holds up nothing but this task. */
const STAGING_MS = 10_000
/** A link is 600 bytes at least, and costs a millisecond at most: a large document takes longer on any machine. */
const BYTES_A_MS = 600
/** So many inputs are named. */
const NAMED = 3

/** Links for all wishes, in their order, within what a document of `mostBytes` can hold. */
export async function stageInputs(
  links: Links,
  wishes: readonly LinkWish[],
  mostBytes: number,
  signal: AbortSignal,
  limitMs = STAGING_MS + Math.ceil(mostBytes / BYTES_A_MS),
): Promise<StagingOutcome> {
  if (wishes.length === 0) return { outcome: 'staged', staged: [] }
  const answers = await links.stage(wishes, mostBytes, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]))
  const failed = answers.flatMap(answer => (answer.outcome === 'failed' ? [answer] : []))
  if (failed.length === 0) {
    return { outcome: 'staged', staged: answers.flatMap(answer => (answer.outcome === 'staged' ? [answer.input] : [])) }
  }
  const named = failed.slice(0, NAMED).map(({ path, failure }) => `${path}: ${failure.detail}`)
  const more = failed.length > NAMED ? `; and ${failed.length - NAMED} more` : ''
  return {
    outcome: 'failed',
    lasting: failed.some(({ failure }) => failure.kind === 'unsupported'),
    why: `No link could be made for inputs: ${named.join('; ')}${more}`,
  }
}
