import type { PersonRef } from '../login-rows.ts'

/** A person as one text, no two alike: what keyed digests and the names of coded texts are made of. */
export function personText({ issuer, subject }: PersonRef): string {
  return JSON.stringify([issuer, subject])
}
