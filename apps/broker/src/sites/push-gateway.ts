/**
 * The gateway to a TES site that the broker can reach: the client that everybody uses, behind the site's limits. Each call sends at most one
 * POST, or reads without repeating, and answers with what that proves.
 */
import type { Site, SiteTaskId } from '@portolan/federation'
import { ApiError } from '@portolan/ga4gh'
import { createTesClient, type TesClient } from '@portolan/tes/client'
import PQueue from 'p-queue'
import type { Person } from '../auth/subject-tokens.ts'
import type { Access, SiteAccess } from '../http/access.ts'
import { withFreshToken } from '../http/fresh-token.ts'
import { findTokenFailure } from '../http/token-failure.ts'
import { completeLog } from './complete-log.ts'
import { cutLongTexts } from './cut-long-texts.ts'
import { judgeFailure, judgeOffer, judgeWithdraw } from './evidence.ts'
import { createGapMark } from './gap-mark.ts'
import type { LogAnswer, SiteGateway } from './gateway.ts'
import { MOST_ID_CHARACTERS, observePages } from './observe-pages.ts'
import { nextPageSize, type PageLength } from './page-size.ts'
import { rememberSecrets } from './sent-secrets.ts'

export interface TesGatewayOptions {
  readonly site: Site
  /** Base address of the site's API. */
  readonly url: string
  readonly access: SiteAccess
  /** Most requests at once. */
  readonly concurrentRequests: number
}

/** The way to the network takes one request a little longer than another: so much room keeps the limit at the site's end too. */
const MARGIN = 1.05

/**
 * What goes first when requests wait for their turn. A listing goes before reads of single tasks: it tells of all of them at once, and where tasks
 * come without end, so do reads, and it would never have its turn.
 */
const PRIORITY = { withdraw: 3, offer: 2, observe: 2, read: 1, log: 0 } as const

export function createTesGateway({ site, url, access, concurrentRequests }: TesGatewayOptions): SiteGateway {
  const { requestsPerSecond } = site.limits
  const burst = Math.max(1, Math.floor(requestsPerSecond))
  const queue = new PQueue({
    concurrency: concurrentRequests,
    intervalCap: burst,
    interval: Math.ceil((burst * 1000 * MARGIN) / requestsPerSecond),
    strict: true,
  })
  const closing = new AbortController()
  const gaps = createGapMark()
  const secrets = rememberSecrets(undefined, gaps)
  const pageSizes = new Map<Parameters<SiteGateway['observe']>[0], number>()
  const open = ({ fetch, auth }: Access, person?: Person): TesClient =>
    createTesClient({
      url,
      fetch,
      auth: auth && secrets.watch(auth, person),
      maxRetries: 0,
      timeoutMs: site.tracking.siteTimeoutMs,
      userAgent: 'portolan',
    })
  const client = open(access)
  /** For the view that shows what a task has written, of any length. */
  const longClient = open({ ...access, fetch: cutLongTexts(access.stream, gaps) })
  const asPerson = (owner: Person | undefined): TesClient => (owner && access.asPerson ? open(access.asPerson(owner), owner) : client)

  /** Sends under the site's limits, and once more where the site refused a token before its time. */
  function send<T>(kind: keyof typeof PRIORITY, given: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withFreshToken(() => sendInTurn(kind, given, request))
  }

  /** Waits for a turn under the site's limits. Given up while it waits, the request was surely not sent. */
  async function sendInTurn<T>(kind: keyof typeof PRIORITY, given: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.any([given, closing.signal])
    let started = false
    const start = (): Promise<T> => {
      started = true
      return request(signal)
    }
    try {
      return await queue.add(start, { priority: PRIORITY[kind], signal })
    } catch (error) {
      if (started) throw error
      throw new ApiError('aborted', `The request to ${site.id} was given up before it was sent`, { delivery: 'not_sent', cause: error })
    }
  }

  /** Of a read of one task. What the site said of it is told to people. */
  function absentOrFailed(error: unknown): Exclude<LogAnswer, { readonly outcome: 'found' }> {
    if (error instanceof ApiError && error.code === 'not_found') return { outcome: 'absent' }
    const failure = judgeFailure(error)
    return { outcome: 'failed', failure: { ...failure, detail: secrets.hideIn(failure.detail) } }
  }

  return {
    site: site.id,
    capabilities: site.capabilities,
    async offer(document, owner, signal, links = [], linkHosts = []) {
      secrets.rememberLinks(links, linkHosts)
      try {
        const { id } = await send('offer', signal, both => asPerson(owner).createTask(document, { signal: both }))
        // No site could be asked for it again.
        if (id.length > MOST_ID_CHARACTERS)
          return { outcome: 'ambiguous', detail: `the id is longer than ${MOST_ID_CHARACTERS} characters` }
        return { outcome: 'accepted', siteTaskId: id as SiteTaskId }
      } catch (error) {
        const answer = judgeOffer(error)
        return answer.outcome === 'accepted' ? answer : { ...answer, detail: secrets.hideIn(answer.detail) }
      }
    },
    async observe(view, signal) {
      const most = site.capabilities.maxPageSize
      const pageSize = pageSizes.get(view) ?? most
      let longest: PageLength = { tasks: 0, characters: 0 }
      let isUnreadable = false
      const observation = await observePages(async pageToken => {
        try {
          const page =
            view === 'MINIMAL'
              ? await send('observe', signal, both => client.listPage({ pageSize, pageToken, signal: both }))
              : await send('observe', signal, both => client.listPage({ view, pageSize, pageToken, signal: both }))
          const { items, unreadable, characters } = page
          if (characters > longest.characters) longest = { tasks: items.length + unreadable, characters }
          return page
        } catch (error) {
          if (error instanceof ApiError && error.code === 'unreadable') isUnreadable = true
          throw error
        }
      })
      if (isUnreadable || longest.characters > 0) pageSizes.set(view, nextPageSize(pageSize, isUnreadable ? 'unreadable' : longest, most))
      return observation
    },
    async read(siteTaskId, view, signal, linkHosts = []) {
      secrets.rememberLinks([], linkHosts)
      try {
        if (view === 'MINIMAL') {
          const { state } = await send('read', signal, both => client.getTask(siteTaskId, { signal: both }))
          return { outcome: 'found', state, tags: {} }
        }
        const by = view === 'FULL' ? longClient : client
        const { state, tags, logs } = await send('read', signal, both => by.getTask(siteTaskId, { view, signal: both }))
        // A server that tried again by itself appends an entry for each try: the last one counts.
        const log = logs?.at(-1)
        return { outcome: 'found', state, tags: tags ?? {}, ...(log && { log: secrets.hideInLog(completeLog(log, state)) }) }
      } catch (error) {
        return absentOrFailed(error)
      }
    },
    async readLog(siteTaskId, signal, linkHosts = []) {
      secrets.rememberLinks([], linkHosts)
      try {
        const { logs } = await send('log', signal, both => longClient.getTask(siteTaskId, { view: 'FULL', signal: both }))
        const log = logs?.at(-1)
        return { outcome: 'found', ...(log && { log: secrets.hideInLog(log) }) }
      } catch (error) {
        return absentOrFailed(error)
      }
    },
    async withdraw(siteTaskId, owner, signal) {
      const cancel = (by: TesClient) => send('withdraw', signal, both => by.cancelTask(siteTaskId, { signal: both }))
      try {
        await cancel(asPerson(owner)).catch((error: unknown) => {
          if (findTokenFailure(error)?.kind !== 'person') throw error
          return cancel(client)
        })
        return { outcome: 'taken' }
      } catch (error) {
        return judgeWithdraw(error)
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('The broker is closing'))
      await queue.onIdle()
    },
  }
}
