/**
 * People's own inputs on their way into a project, below `/portolan/v1/uploads`. The contract is `openapi/portolan-1.yaml`. An upload is its owner's
 * alone, whatever the roles, and goes on only while they are in its project, and its project has its uploads there.
 */
import { sendJson } from '@portolan/tes/server'
import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import type { Freshness } from '../auth/login.ts'
import type { Principal } from '../auth/principal.ts'
import { isOver, type ProjectDirectory, type ProjectEntry, projectOf } from '../auth/project-of.ts'
import type { DataObserver } from '../data/observer.ts'
import type { Uploads } from '../data/uploads.ts'
import type { UploadRow } from '../stores/upload-store.ts'
import type { PartLinkList, UploadList } from './data-schemas.ts'
import type { Door } from './door.ts'
import { principalOf } from './exchange.ts'
import type { NotePassing } from './free-buffers.ts'
import { createPlaceTokens } from './place-token.ts'
import { readListRequest } from './read-account-request.ts'
import { placeUpload, readNewUpload, readPartNumbers } from './read-upload-request.ts'
import { createPartReceiver } from './receive-part.ts'
import { Refusal } from './refusal.ts'
import type { RelayPlaces } from './relay-places.ts'
import { requireFresh } from './require-fresh.ts'
import { addRoutes } from './routes.ts'
import { resolveProject } from './submission.ts'
import { requireDone, showListed, showObject, showUpload } from './upload-views.ts'

export interface UploadRouteParts {
  readonly uploads: Uploads
  readonly observer: Pick<DataObserver, 'relayed'>
  readonly notePassing: NotePassing
  readonly projects: ProjectDirectory
  /** Absent: nobody logs in. */
  readonly freshness: Pick<Freshness, 'refresh'> | undefined
  readonly door: Door
  readonly readBody: RequestHandler
  readonly publicUrl: () => string
  readonly pageTokenKey: Uint8Array
  /** How long a client may stand still in the middle of a part. */
  readonly stillMs: number
  /** Between two looks at whether who sends a part still may, ms. */
  readonly judgeMs: number
  readonly places: RelayPlaces
  readonly now: () => number
}

export function createUploadRouter(parts: UploadRouteParts): Router {
  const { uploads, projects, freshness, door, readBody, publicUrl, pageTokenKey, now } = parts
  const router = express.Router({ caseSensitive: true, strict: true })
  const pageTokens = createPlaceTokens(pageTokenKey)
  const receive = createPartReceiver(parts)

  function find(principal: Principal, request: Request): UploadRow {
    const upload = uploads.find(principal, String(request.params.id))
    if (!upload) throw new Refusal('upload-unknown')
    return upload
  }

  function findUnderWay(principal: Principal, request: Request): UploadRow {
    const upload = find(principal, request)
    if (upload.end !== undefined || upload.expiresAt <= now()) throw new Refusal('upload-unknown', 'This upload has ended')
    return upload
  }

  /** One that goes on: who has left its project, or whose project is over, brings nothing more into it. */
  async function requireMember(asking: Principal, upload: UploadRow): Promise<void> {
    const own = projects.projectsOf(await requireFresh(freshness, asking)).find(({ id }) => id === upload.project)
    if (own === undefined || isOver(own, now())) throw new Refusal('upload-unknown')
    // What lies there may be another project's by now.
    const isThere = own.uploads !== undefined && upload.url.startsWith(own.uploads)
    if (!isThere) throw new Refusal('upload-unknown', `The project ${own.id} has its uploads elsewhere now`)
  }

  /** Where the project has its uploads. */
  function requireUploads(project: ProjectEntry): string {
    if (isOver(project, now())) throw new Refusal('no-uploads', `The project ${project.id} is over`, { fix: '' })
    if (project.uploads === undefined) throw new Refusal('no-uploads', `The project ${project.id} takes no uploads`)
    return project.uploads
  }

  /** Whether they may go on with it by their credential and their projects as they are now. */
  async function mayStill(request: Request): Promise<boolean> {
    const principal = await door.judgeAgain(request)
    if (principal === undefined) return false
    await requireMember(principal, findUnderWay(principal, request))
    return true
  }

  /** A page of their own, whatever the roles. */
  function list(principal: Principal, url: string): UploadList {
    const { pageSize: size, pageToken } = readListRequest(url)
    const of = { list: 'uploads', owner: undefined } as const
    const after = pageToken === undefined ? undefined : pageTokens.verify(principal, of, pageToken)
    if (pageToken !== undefined && after === undefined) throw new Refusal('bad-page-token')
    const { rows, next } = uploads.list(principal, { size, after })
    return {
      uploads: rows.map(row => showListed(row, uploads.deliveryOf(row))),
      next_page_token: next && pageTokens.sign(principal, of, next),
    }
  }

  addRoutes(router, door, [
    {
      method: 'GET',
      path: '/portolan/v1/uploads',
      operation: 'ListUploads',
      handle: (request, response) => show(response, list(principalOf(request), request.url)),
    },
    {
      method: 'POST',
      path: '/portolan/v1/uploads',
      operation: 'CreateUpload',
      readBody,
      async handle(request, response) {
        const { name, bytes, project: named, replace = false } = readNewUpload(request.body)
        const principal = await requireFresh(freshness, principalOf(request))
        const project = resolveProject(projectOf(named, principal, projects, now()), principal, 'project')
        const url = placeUpload(uploads.folderOf(principal, requireUploads(project)), name)
        const wanted = { project: project.id, name, url, bytes, replace }
        const upload = requireDone(await uploads.begin(principal, wanted, signalOf(response)))
        response.statusCode = 201
        show(response, showUpload(upload, uploads.deliveryOf(upload), []))
      },
    },
    {
      method: 'GET',
      path: '/portolan/v1/uploads/:id',
      operation: 'GetUpload',
      async handle(request, response) {
        const upload = findUnderWay(principalOf(request), request)
        show(response, showUpload(upload, uploads.deliveryOf(upload), requireDone(await uploads.parts(upload, signalOf(response)))))
      },
    },
    {
      method: 'POST',
      path: '/portolan/v1/uploads/:id/links',
      operation: 'CreatePartLinks',
      readBody,
      async handle(request, response) {
        const principal = principalOf(request)
        const upload = findUnderWay(principal, request)
        const numbers = readPartNumbers(request.body, upload)
        await requireMember(principal, upload)
        const links: PartLinkList['links'] = []
        for (const number of numbers) links.push(await linkTo(upload, number))
        response.statusCode = 201
        show(response, { links })
      },
    },
    {
      method: 'PUT',
      path: '/portolan/v1/uploads/:id/parts/:number',
      operation: 'PutUploadPart',
      async handle(request, response) {
        const principal = principalOf(request)
        const upload = findUnderWay(principal, request)
        await requireMember(principal, upload)
        const { issuer, subject } = principal
        show(response, await receive(request, response, upload, { issuer, subject, mayStill: () => mayStill(request) }))
      },
    },
    {
      method: 'POST',
      path: '/portolan/v1/uploads/:id/complete',
      operation: 'CompleteUpload',
      async handle(request, response) {
        const principal = principalOf(request)
        const upload = find(principal, request)
        if (upload.end !== 'completed') findUnderWay(principal, request)
        await requireMember(principal, upload)
        show(response, showObject(requireDone(await uploads.complete(principal, upload, signalOf(response)))))
      },
    },
    {
      method: 'DELETE',
      path: '/portolan/v1/uploads/:id',
      operation: 'AbortUpload',
      async handle(request, response) {
        const principal = principalOf(request)
        const upload = findUnderWay(principal, request)
        const end = requireDone(await uploads.end(principal, upload, 'aborted', signalOf(response)))
        if (end === 'completed') throw new Refusal('upload-unknown', 'This upload has ended: all of it is there, and stays')
        response.statusCode = 204
        response.end()
      },
    },
  ])
  return router

  async function linkTo(upload: UploadRow, number: number): Promise<PartLinkList['links'][number]> {
    const made = uploads.deliveryOf(upload) === 'direct' ? await uploads.link(upload, number) : undefined
    const url = made?.url ?? `${publicUrl()}/portolan/v1/uploads/${upload.id}/parts/${number}`
    return { number, url, expires_at: new Date(made?.expiresAt ?? upload.expiresAt).toISOString() }
  }
}

/** Ends when the client hangs up. */
function signalOf(response: Response): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => gone.abort(new Error('The client has gone')))
  return gone.signal
}

function show(response: Response, value: object): void {
  sendJson(response, JSON.stringify(value))
}
