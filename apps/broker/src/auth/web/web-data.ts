/**
 * What is kept, coded, of a login under way and of a session. Written and read here alone.
 */
import * as z from 'zod/mini'

const PendingData = z.object({
  /** Of PKCE. */
  verifier: z.string(),
  nonce: z.string(),
  /** The path of a page of ours. */
  returnTo: z.string(),
})
export type PendingData = z.infer<typeof PendingData>

const SessionData = z.object({
  /** By it the login knows whom to log out. */
  idToken: z.string(),
  refreshToken: z.optional(z.string()),
})
export type SessionData = z.infer<typeof SessionData>

export function writePending(data: PendingData): string {
  return JSON.stringify(data)
}

export function readPending(text: string): PendingData {
  return PendingData.parse(JSON.parse(text))
}

export function writeSessionData({ idToken, refreshToken }: SessionData): string {
  return JSON.stringify({ idToken, ...(refreshToken !== undefined && { refreshToken }) })
}

export function readSessionData(text: string): SessionData {
  return SessionData.parse(JSON.parse(text))
}
