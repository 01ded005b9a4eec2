/**
 * Our tags at sites: signed when a task is sent, checked when a listing shows them.
 */
import { type Attempt, type AttemptId, checkTag, formatTag, type SiteId, tagPayload, type WorkId } from '@portolan/federation'

/** Signs and checks texts with a keyed hash; the key id says which key, so that keys can rotate. */
export interface TagSigner {
  /** By the key `keyId`, or by the present one if that is gone. */
  sign(text: string, keyId: string): { readonly keyId: string; readonly mac: string }
  verify(text: string, keyId: string, mac: string): boolean
  /** The key that signs now. */
  keyId(): string
}

export interface TaskTags {
  write(attempt: Attempt): Readonly<Record<string, string>>
  /** The work item and attempt that the tags name; undefined for foreign, forged or unreadable tags. */
  read(site: SiteId, tags: Readonly<Record<string, string>>): { readonly work: WorkId; readonly attempt: AttemptId } | undefined
  keyId(): string
}

/** `broker` is the id of this broker, the same for all its replicas. */
export function createTaskTags(broker: string, signer: TagSigner): TaskTags {
  return {
    write(attempt) {
      const facts = { broker, site: attempt.site, work: attempt.work, attempt: attempt.id, nonce: attempt.nonce }
      const { keyId, mac } = signer.sign(tagPayload(facts), attempt.tagKeyId)
      return formatTag(facts, keyId, mac)
    },
    read(site, tags) {
      return checkTag(tags, { broker, site }, (keyId, payload, signature) => signer.verify(payload, keyId, signature))
    },
    keyId: () => signer.keyId(),
  }
}
