/**
 * Has the links made that a site needs to read its inputs, all of them or none: a document with a hole in it would fail at the site.
 */
import type { StagedInput, StagingPlan } from '@portolan/federation'
import type { Links } from '../data/links.ts'

export type StagingOutcome =
  /** `hosts`: of the links that are none of the broker's. `until`: when the first of these ends, ms since 1970, where one ends soon. */
  | {
      readonly outcome: 'staged'
      readonly staged: readonly StagedInput[]
      readonly hosts: readonly string[]
      readonly until?: number | undefined
    }
  /** The rules of where bytes lie have not been looked at: placed anew, they will be. */
  | { readonly outcome: 'moved'; readonly why: string }
  /** `lasting`: it would be the same again. The sentence holds no link. */
  | { readonly outcome: 'failed'; readonly lasting: boolean; readonly why: string }

/** The intent is not written before it is done, so a slow store holds up nothing but this task. */
const STAGING_MS = 10_000
/** A link is 600 bytes at least, and costs a millisecond at most: a large document takes longer on any machine. */
const BYTES_A_MS = 600
/** So many inputs are named. */
const NAMED = 3

/**
 * Links for all wishes, in their order, within what a document of `mostBytes` can hold. What is only looked at is asked for in the same way, and handed to nobody.
 */
export async function stageInputs(
  links: Links,
  { wishes, looks }: Pick<StagingPlan, 'wishes' | 'looks'>,
  mostBytes: number,
  signal: AbortSignal,
  limitMs = STAGING_MS + Math.ceil(mostBytes / BYTES_A_MS),
): Promise<StagingOutcome> {
  if (wishes.length + looks.length === 0) return { outcome: 'staged', staged: [], hosts: [] }
  const answers = await links.stage([...wishes, ...looks], mostBytes, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]))
  const moved = answers.find(({ outcome }) => outcome === 'moved')
  if (moved?.outcome === 'moved')
    return { outcome: 'moved', why: `The server of input ${moved.path} names a place whose rules have a say first` }
  const failed = answers.flatMap(answer => (answer.outcome === 'failed' ? [answer] : []))
  if (failed.length === 0) {
    const made = answers.slice(0, wishes.length).flatMap(answer => (answer.outcome === 'staged' ? [answer] : []))
    const ends = made.flatMap(({ endsAt }) => endsAt ?? [])
    const foreign = made.flatMap(({ input, foreign }) => (foreign === true ? input.files : []))
    return {
      outcome: 'staged',
      staged: made.map(({ input }) => input),
      hosts: [...new Set(foreign.flatMap(({ url }) => URL.parse(url)?.host ?? []))],
      ...(ends.length > 0 && { until: ends.reduce((first, end) => Math.min(first, end)) }),
    }
  }
  const named = failed.slice(0, NAMED).map(({ path, failure }) => `${path}: ${failure.detail}`)
  const more = failed.length > NAMED ? `; and ${failed.length - NAMED} more` : ''
  return {
    outcome: 'failed',
    lasting: failed.some(({ failure }) => failure.kind === 'unsupported'),
    why: `No link could be made for inputs: ${named.join('; ')}${more}`,
  }
}
