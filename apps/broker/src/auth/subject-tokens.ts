/**
 * The port by which the broker speaks to a site in the name of a person: the token that this person's login has given it. It is exchanged for
 * one that is good at that site only, or, where an operator has asked for it, passed on as it is.
 *
 * Crash: nothing is kept here. Two callers: each gets a token that is valid now, and one refresh at the login serves both.
 */
import type { Secret } from '../config.ts'

/** A person, by the login that knows them and the name that it has for them. */
export interface Person {
  readonly issuer: string
  readonly subject: string
}

export interface SubjectTokens {
  /**
   * An access token (RFC 6749) of the person's login, valid for at least a minute more; undefined if there is none, and only the person can
   * mend that by logging in again. Rejects if the login cannot be asked just now: it is tried again later.
   */
  subjectTokenOf(owner: Person): Promise<Secret | undefined>
}

/** In open mode nobody has logged in. */
export const openSubjectTokens: SubjectTokens = { subjectTokenOf: async () => undefined }
