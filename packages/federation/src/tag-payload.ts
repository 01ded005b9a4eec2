/**
 * The signed tags that our tasks bear at sites, and the text that is signed. The signature itself is the broker's to make and to check: this
 * module only says over what.
 *
 * `portolan.broker` names the broker, `portolan.task` the work item, `portolan.attempt` is `<attempt>.<nonce>.<key id>.<signature>`. The site is
 * signed as well, so that a tag copied to another site is worth nothing there.
 */
import type { AttemptId, SiteId, WorkId } from './ids.ts'

export const TAG_BROKER = 'portolan.broker'
export const TAG_TASK = 'portolan.task'
export const TAG_ATTEMPT = 'portolan.attempt'
/** Every tag whose name begins so is ours; those of users are not passed on. */
export const TAG_PREFIX = 'portolan.'

/** What a tag says. All ids are made of `[A-Za-z0-9_-]`. */
export interface TagFacts {
  readonly broker: string
  readonly site: SiteId
  readonly work: WorkId
  readonly attempt: AttemptId
  readonly nonce: string
}

export interface ParsedTag {
  readonly broker: string
  readonly work: WorkId
  readonly attempt: AttemptId
  readonly nonce: string
  readonly keyId: string
  readonly signature: string
}

/** True if `signature` is that of `payload` under the key `keyId`; false for an unknown key. Compares in constant time. */
export type VerifyTag = (keyId: string, payload: string, signature: string) => boolean

const WORD = /^[A-Za-z0-9_-]+$/u

/** The canonical text: one line each, so that no two sets of facts have the same. */
export function tagPayload({ broker, site, work, attempt, nonce }: TagFacts): string {
  return ['portolan-tag-1', broker, site, work, attempt, nonce].join('\n')
}

/** The tags of a document for a site. `signature` is made of `tagPayload(facts)` by the key `keyId`, in `[A-Za-z0-9_-]` (base64url). */
export function formatTag(facts: TagFacts, keyId: string, signature: string): Readonly<Record<string, string>> {
  return {
    [TAG_BROKER]: facts.broker,
    [TAG_TASK]: facts.work,
    [TAG_ATTEMPT]: [facts.attempt, facts.nonce, keyId, signature].join('.'),
  }
}

/** The tag as it was read at a site, unchecked; undefined if it is not one of ours or is malformed. */
export function parseTag(tags: Readonly<Record<string, string>>): ParsedTag | undefined {
  const { [TAG_BROKER]: broker, [TAG_TASK]: work, [TAG_ATTEMPT]: text } = tags
  const [attempt, nonce, keyId, signature, ...rest] = (text ?? '').split('.')
  const words = [broker, work, attempt, nonce, keyId, signature]
  if (rest.length > 0 || !words.every(word => word !== undefined && WORD.test(word))) return undefined
  if (broker === undefined || nonce === undefined || keyId === undefined || signature === undefined) return undefined
  return { broker, work: work as WorkId, attempt: attempt as AttemptId, nonce, keyId, signature }
}

/** Whose task it is, if this broker has signed the tag for this site; else undefined, and the task is foreign. */
export function checkTag(
  tags: Readonly<Record<string, string>>,
  expected: { readonly broker: string; readonly site: SiteId },
  verify: VerifyTag,
): { readonly work: WorkId; readonly attempt: AttemptId } | undefined {
  const tag = parseTag(tags)
  if (tag === undefined || tag.broker !== expected.broker) return undefined
  const { work, attempt, nonce, keyId, signature } = tag
  const payload = tagPayload({ ...expected, work, attempt, nonce })
  return verify(keyId, payload, signature) ? { work, attempt } : undefined
}
