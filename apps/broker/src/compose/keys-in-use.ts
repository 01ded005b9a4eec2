/**
 * What the broker makes of its key ring: its own name, the signatures of its tags, and keys for single uses.
 */
import type { TagSigner } from '../reconcile/task-tags.ts'
import type { KeyRing } from '../stores/key-ring.ts'
import type { PersonRef } from '../stores/login-rows.ts'

/** The same for all replicas that share keys, and for ever: the oldest key for tags names the broker. */
export function brokerId(keys: KeyRing): string {
  return `b${keys.keys.tags[0].id}`
}

export function tagSigner(keys: KeyRing): TagSigner {
  return {
    sign: (text, keyId) => keys.hmac('tags', text, keyId) ?? keys.hmac('tags', text),
    verify: (text, keyId, mac) => keys.verify('tags', text, keyId, mac),
    keyId: () => keys.newest('tags').id,
  }
}

/** A key of its own for page tokens, the same after a restart. */
export function pageTokenKey(keys: KeyRing): Uint8Array {
  return digestByOldestKey(keys, 'portolan page tokens')
}

/** The name of a person's own folder, the same for ever: no URL says who they are. */
export function personFolder(keys: KeyRing, person: PersonRef): string {
  return digestByOldestKey(keys, `portolan uploads of ${JSON.stringify([person.issuer, person.subject])}`)
    .toString('base64url')
    .slice(0, 12)
}

export function digestByOldestKey(keys: KeyRing, text: string): Buffer {
  const { mac } = keys.hmac('tags', text, keys.keys.tags[0].id) ?? keys.hmac('tags', text)
  return Buffer.from(mac, 'base64url')
}
