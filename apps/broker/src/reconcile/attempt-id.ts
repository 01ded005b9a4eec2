/**
 * Ids of attempts: sort by the moment they were made, and cannot be guessed.
 */
import { randomBytes } from 'node:crypto'
import type { AttemptId } from '@portolan/federation'

export function newAttemptId(at: number): AttemptId {
  return `a${at.toString(36).padStart(9, '0')}${randomBytes(8).toString('hex')}` as AttemptId
}

export function newNonce(): string {
  return randomBytes(12).toString('base64url')
}
