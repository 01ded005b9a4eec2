/**
 * The credentials and links that a site was sent, to take them out of what it says: a site that writes its requests into a task's log would hand the
 * broker's own credential, or another person's, or a link to data, to the task's owner.
 */
import { type AuthProvider, secretsOf } from '@portolan/ga4gh'
import type { ReadTaskLog, TesTaskLog } from '@portolan/tes'
import type { Person } from '../auth/subject-tokens.ts'
import { hideAt, hideLinks } from '../observe/hide-links.ts'
import { createGapMark, type GapMark } from './gap-mark.ts'
import { indexSecrets, type SecretIndex } from './secret-index.ts'

/** Shorter ones would be found in any text. */
const LEAST_CHARACTERS = 6

export interface RememberedBounds {
  /** Of the broker's own credential, if it changes as a token that expires does. */
  readonly own: number
  /** Of each person: a token that was renewed is good for a while beside the new one. */
  readonly each: number
  /** Those who were spoken for last. */
  readonly persons: number
  /** The latest links. What a signed one looks like is hidden without this, also after a restart. */
  readonly links: number
  /** The latest hosts at which such links are; attempts keep theirs. */
  readonly hosts: number
}

const BOUNDS: RememberedBounds = { own: 16, each: 2, persons: 500, links: 2000, hosts: 200 }

export interface SentSecrets {
  /** The same provider, and what it gives is remembered: of this person, or of the broker itself. */
  watch(auth: AuthProvider, person?: Person): AuthProvider
  /**
   * Addresses that open something for whoever holds them, and stand in a document for the site. Of those at `hosts` nobody knows what opens them: all
   * that follows the host is hidden, in every address there.
   */
  rememberLinks(links: readonly string[], hosts: readonly string[]): void
  hideIn(text: string): string
  hideInLog<Log extends TesTaskLog | ReadTaskLog>(log: Log): Log
}

/** `gaps`: how texts are marked whose middle was left out while they were read. */
export function rememberSecrets(bounds: RememberedBounds = BOUNDS, gaps: GapMark = createGapMark()): SentSecrets {
  /** Values of headers. */
  let own: readonly string[] = []
  /** The front is who was not spoken for longest. */
  const byPerson = new Map<string, readonly string[]>()
  let links: readonly string[] = []
  let hosts: readonly string[] = []
  let index: SecretIndex | undefined

  function hideIn(text: string): string {
    index ??= indexSecrets(
      [...secretsOf([...own, ...[...byPerson.values()].flat()]), ...links].filter(secret => secret.length >= LEAST_CHARACTERS),
    )
    return hideLinks(hideAt(hosts, index.hideIn(text)))
  }

  function remember(headers: readonly string[], person: Person | undefined): void {
    if (person === undefined) own = keepNewest(own, headers, bounds.own)
    else {
      const key = JSON.stringify([person.issuer, person.subject])
      const kept = keepNewest(byPerson.get(key) ?? [], headers, bounds.each)
      byPerson.delete(key)
      byPerson.set(key, kept)
      const oldest = byPerson.keys().next().value
      if (byPerson.size > bounds.persons && oldest !== undefined) byPerson.delete(oldest)
    }
    if (!headers.every(header => index?.has(header))) index = undefined
  }

  return {
    watch: (auth, person) => async request => {
      const headers = await auth(request)
      remember(
        Object.values(headers).filter(header => header.length >= LEAST_CHARACTERS),
        person,
      )
      return headers
    },
    rememberLinks(sent, at) {
      if (at.some(host => !hosts.includes(host))) hosts = keepNewest(hosts, at, bounds.hosts)
      const opening = sent.flatMap(link => (at.includes(URL.parse(link)?.host ?? '') ? targetOf(link) : queryOf(link)))
      if (opening.length === 0) return
      // Of one offer all are kept, however many they are.
      links = keepNewest(links, opening, Math.max(bounds.links, opening.length))
      index = undefined
    },
    hideIn,
    hideInLog: log => mapTexts(log, text => gaps.close(text, hideIn)),
  }
}

/** As it stands in the first line of a request, and its query alone. */
function targetOf(link: string): readonly string[] {
  return [link.replace(/^[a-z]+:\/\/[^/?#]*/i, ''), ...queryOf(link)]
}

/** What of a link opens it. */
function queryOf(link: string): readonly string[] {
  const at = link.indexOf('?')
  return at < 0 ? [] : [link.slice(at + 1)]
}

/** The newest last; one that is sent again is new again. */
function keepNewest(kept: readonly string[], sent: readonly string[], most: number): readonly string[] {
  return [...kept.filter(secret => !sent.includes(secret)), ...sent].slice(-most)
}

function mapTexts<Log extends TesTaskLog | ReadTaskLog>(log: Log, map: (text: string) => string): Log {
  return {
    ...log,
    logs: log.logs.map(executor => ({
      ...executor,
      ...(executor.stdout !== undefined && { stdout: map(executor.stdout) }),
      ...(executor.stderr !== undefined && { stderr: map(executor.stderr) }),
    })),
    ...(log.metadata && { metadata: Object.fromEntries(Object.entries(log.metadata).map(([key, value]) => [map(key), map(value)])) }),
    ...(log.system_logs && { system_logs: log.system_logs.map(map) }),
  }
}
