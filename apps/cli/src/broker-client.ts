/**
 * Portolan's own routes at a server that has them. One that has not says so, instead of a bare 404.
 */

import type { NewToken, NewUpload } from '@portolan/broker/portolan-schemas'
import {
  AttemptList,
  CreatedToken,
  Decision,
  EndedLogins,
  LiveLog,
  LocationList,
  LoginList,
  Me,
  OutputLink,
  OutputList,
  PartLinkList,
  ProjectList,
  SiteList,
  TokenList,
  Upload,
  UploadedObject,
} from '@portolan/broker/portolan-schemas'
import type { Decision as FederationDecision } from '@portolan/federation'
import { ApiError, createTransport, pathSegment, type Transport, type TransportOptions, type TransportRequest } from '@portolan/ga4gh'
import type { TesTask } from '@portolan/tes'
import type * as z from 'zod/mini'
import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'

export interface BrokerClient {
  listSites(): Promise<SiteList>
  listLocations(): Promise<LocationList>
  /** Those that the caller is in. */
  listProjects(): Promise<ProjectList>
  /** Where would this task run, and why? Nothing is submitted. */
  explainTask(task: TesTask): Promise<FederationDecision>
  getPlacement(id: string): Promise<FederationDecision>
  listAttempts(id: string): Promise<AttemptList>
  /** The end of what it has written; of one that runs, as its site shows it now. */
  getLogs(id: string): Promise<LiveLog>
  /** What a task has left, a page at a time; of one that has not ended, what it has declared. */
  listOutputs(id: string): AsyncIterable<OutputList>
  createOutputLink(id: string, number: number): Promise<OutputLink>
  /** Of one output, below `/portolan/v1`. */
  outputPath(id: string, number: number): string
  createUpload(upload: NewUpload): Promise<Upload>
  /** One's own, under way, with the parts that its store has. */
  getUpload(id: string): Promise<Upload>
  /** For at most 100 parts. */
  createPartLinks(id: string, parts: readonly number[]): Promise<PartLinkList>
  completeUpload(id: string): Promise<UploadedObject>
  abortUpload(id: string): Promise<void>
  /** Of one part, below `/portolan/v1`. */
  partPath(id: string, number: number): string
  getMe(): Promise<Me>
  /** `owner`: `sub@iss` or `any`, for administrators; absent: one's own. */
  listTokens(owner?: string): AsyncIterable<TokenList['tokens']>
  createToken(token: NewToken): Promise<CreatedToken>
  revokeToken(id: string): Promise<void>
  listLogins(owner?: string): AsyncIterable<LoginList['logins']>
  endLogin(id: string): Promise<void>
  endAllLogins(): Promise<EndedLogins>
}

const TES_PATHS = ['/ga4gh/tes/v1', '/ga4gh/v1', '/v1']
/** Answers of a server that does not know the route at all. */
const ELSEWHERE: ReadonlySet<string> = new Set(['not_found', 'unreadable', 'client_error', 'bad_request', 'redirected'])

/** `tesUrl`: the base of the server's TES API; our own routes stand beside it. */
export function createBrokerClient(tesUrl: URL, options: Omit<TransportOptions, 'baseUrl'>, signal: AbortSignal): BrokerClient {
  const transport = createTransport({ ...options, baseUrl: `${rootOf(tesUrl)}/portolan/v1` })

  async function ask<T>(request: TransportRequest, schema: z.ZodMiniType<T>): Promise<T> {
    try {
      return await read(transport, { ...request, signal }, schema)
    } catch (error) {
      if (!isElsewhere(error) || (await hasRoutes(transport, signal))) throw error
      throw new Failure(`${rootOf(tesUrl)} speaks TES but is no Portolan broker: it has no /portolan/v1`, {
        exitCode: EXIT.notOffered,
        fix: 'Give the address of a broker as --url; sites, placements and attempts are known there only.',
        cause: error,
      })
    }
  }

  // Ids are branded where a foreign document becomes one of ours.
  const askDecision = async (request: TransportRequest): Promise<FederationDecision> =>
    (await ask(request, Decision)) as unknown as FederationDecision

  async function end(path: string): Promise<void> {
    await transport.request({ method: 'DELETE', path, signal })
  }

  async function* walk<T extends { readonly next_page_token?: string | undefined }>(
    path: string,
    schema: z.ZodMiniType<T>,
    owner?: string,
  ) {
    let token: string | undefined
    do {
      const query = { ...(owner !== undefined && { owner }), ...(token !== undefined && { page_token: token }) }
      const page: T = await ask({ method: 'GET', path, query }, schema)
      yield page
      token = page.next_page_token
    } while (token !== undefined)
  }

  const outputPath = (id: string, number: number): string => `tasks/${pathSegment(id)}/outputs/${number}`

  const uploadPath = (id: string): string => `uploads/${pathSegment(id)}`

  return {
    listSites: () => ask({ method: 'GET', path: 'sites' }, SiteList),
    listLocations: () => ask({ method: 'GET', path: 'locations' }, LocationList),
    listProjects: () => ask({ method: 'GET', path: 'projects' }, ProjectList),
    explainTask: task => askDecision({ method: 'POST', path: 'placements', body: task }),
    getPlacement: id => askDecision({ method: 'GET', path: `tasks/${pathSegment(id)}/placement` }),
    listAttempts: id => ask({ method: 'GET', path: `tasks/${pathSegment(id)}/attempts` }, AttemptList),
    getLogs: id => ask({ method: 'GET', path: `tasks/${pathSegment(id)}/logs` }, LiveLog),
    listOutputs: id => walk(`tasks/${pathSegment(id)}/outputs`, OutputList),
    createOutputLink: (id, number) => ask({ method: 'POST', path: `${outputPath(id, number)}/link` }, OutputLink),
    outputPath,
    createUpload: upload => ask({ method: 'POST', path: 'uploads', body: upload }, Upload),
    getUpload: id => ask({ method: 'GET', path: uploadPath(id) }, Upload),
    createPartLinks: (id, parts) => ask({ method: 'POST', path: `${uploadPath(id)}/links`, body: { parts } }, PartLinkList),
    completeUpload: id => ask({ method: 'POST', path: `${uploadPath(id)}/complete` }, UploadedObject),
    abortUpload: id => end(uploadPath(id)),
    partPath: (id, number) => `${uploadPath(id)}/parts/${number}`,
    getMe: () => ask({ method: 'GET', path: 'me' }, Me),
    async *listTokens(owner) {
      for await (const { tokens } of walk('tokens', TokenList, owner)) yield tokens
    },
    createToken: token => ask({ method: 'POST', path: 'tokens', body: token }, CreatedToken),
    revokeToken: id => end(`tokens/${pathSegment(id)}`),
    async *listLogins(owner) {
      for await (const { logins } of walk('logins', LoginList, owner)) yield logins
    },
    endLogin: id => end(`logins/${pathSegment(id)}`),
    endAllLogins: () => ask({ method: 'DELETE', path: 'logins' }, EndedLogins),
  }
}

async function read<T>(transport: Transport, request: TransportRequest, schema: z.ZodMiniType<T>): Promise<T> {
  const answer = await transport.request(request)
  const parsed = schema.safeParse(answer.json())
  if (parsed.success) return parsed.data
  const words = `${request.method} ${transport.baseUrl.href}/${request.path} answered with something that this command cannot read`
  throw new ApiError('unreadable', words, { status: answer.status, requestId: answer.requestId })
}

async function hasRoutes(transport: Transport, signal: AbortSignal): Promise<boolean> {
  try {
    await read(transport, { method: 'GET', path: 'sites', signal }, SiteList)
    return true
  } catch (error) {
    if (isElsewhere(error)) return false
    // Who may not list sites has found the route all the same.
    if (error instanceof ApiError && error.code === 'forbidden') return true
    throw error
  }
}

function isElsewhere(error: unknown): boolean {
  return error instanceof ApiError && ELSEWHERE.has(error.code)
}

/** The address without the path of the TES API, and without a slash at the end. */
export function rootOf({ origin, pathname }: URL): string {
  const path = pathname.replace(/\/+$/, '')
  const known = TES_PATHS.find(end => path.endsWith(end))
  return `${origin}${known === undefined ? path : path.slice(0, -known.length)}`
}
