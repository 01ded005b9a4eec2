/**
 * The word that a form of ours carries, and a form of somebody else cannot know: it follows from the session, and says nothing of it.
 */
import { createHmac } from 'node:crypto'
import type { SecretHash } from '../../stores/login-rows.ts'
import { isSameSecret } from './login-secrets.ts'

/** `session`: what the session is stored under. */
export function makeFormToken(session: SecretHash): string {
  return createHmac('sha256', session).update('portolan form').digest('base64url')
}

export function isFormTokenOf(session: SecretHash, text: string | undefined): boolean {
  return text !== undefined && isSameSecret(text, makeFormToken(session))
}
