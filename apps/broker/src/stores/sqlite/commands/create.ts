/**
 * `create`: a new work item with its tags and its document, or the one that the same idempotency key has made before.
 */
import type { Principal } from '../../../auth/principal.ts'
import { encode } from '../../codec.ts'
import type { Command, CommandResults, NewWork } from '../../store.ts'
import type { Seen } from '../../visibility.ts'
import { param, params, prepare, query } from '../statement.ts'
import type { AppendEvent } from './append-event.ts'
import type { CommandContext } from './context.ts'

/** How long an idempotency key is known. */
const KEY_KEPT_MS = 24 * 60 * 60 * 1000

export function prepareCreate(
  { db, keys }: CommandContext,
  append: AppendEvent,
): (command: Extract<Command, { readonly kind: 'create' }>) => CommandResults['create'] {
  const insertWork = prepare(
    db,
    query
      .insertInto('work_items')
      .values({ ...NEW_WORK_COLUMNS, state: 'QUEUED', version: 1, needs_decision: 1 })
      .compile(),
  )
  const insertTag = prepare(
    db,
    query
      .insertInto('work_tags')
      .values(params('work_id', 'kind', 'key', 'value', 'issuer', 'subject', 'project', 'visibility'))
      .compile(),
  )
  const insertDocument = prepare(
    db,
    query
      .insertInto('documents')
      .values(params('work_id', 'part', 'coded', 'issuer', 'subject', 'project'))
      .compile(),
  )
  const findByKey = prepare(
    db,
    query
      .selectFrom('work_items')
      .select(['id', 'project', 'body_digest'])
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .where('idempotency_key_hash', '=', param('key'))
      .where('created_at', '>', param('since'))
      .orderBy('id', 'desc')
      .limit(1)
      .compile(),
  )
  const endHold = prepare(db, query.updateTable('work_items').set({ hold_until: null }).where('id', '=', param('id')).compile())

  /** The client that comes back with its key claims what it has left behind. */
  function claim(principal: Principal, work: NewWork, now: number): CommandResults['create'] | undefined {
    if (work.idempotencyKeyHash === undefined) return undefined
    const { issuer, subject } = principal
    const earlier = findByKey.get({ issuer, subject, key: work.idempotencyKeyHash, since: now - KEY_KEPT_MS })
    if (!earlier) return undefined
    // The same text under another credential may mean another project.
    if (earlier.body_digest !== (work.bodyDigest ?? null) || earlier.project !== work.project) return { outcome: 'keyReused' }
    endHold.run({ id: earlier.id })
    return { outcome: 'existing', id: earlier.id as NewWork['id'] }
  }

  return ({ principal, work, now }) => {
    const claimed = claim(principal, work, now)
    if (claimed) return claimed
    const { issuer, subject } = principal
    const owned: Seen = { issuer, subject, project: work.project, visibility: work.visibility }
    insertWork.run({ ...newWorkValues(work, principal.tokenId), ...owned })
    for (const [key, value] of Object.entries(work.tags)) insertTag.run({ work_id: work.id, kind: work.kind, key, value, ...owned })
    const keep = (part: string, text: string) =>
      insertDocument.run({ work_id: work.id, part, coded: encode(keys, `work:${work.id}:${part}`, text), ...owned })
    keep('document', work.documentText)
    if (work.notes && work.notes.length > 0) keep('first-notes', JSON.stringify(work.notes))
    append({ at: now, kind: 'created', actor: principal, work: { id: work.id, owned } })
    return { outcome: 'created', id: work.id }
  }
}

const NEW_WORK_COLUMNS = params(
  'id',
  'kind',
  'issuer',
  'subject',
  'project',
  'visibility',
  'token_id',
  'client_profile',
  'name',
  'tags',
  'created_at',
  'rerunnable',
  'max_run_ms',
  'idempotency_key_hash',
  'body_digest',
)

function newWorkValues(work: NewWork, tokenId: string | undefined) {
  return {
    id: work.id,
    kind: work.kind,
    token_id: tokenId,
    client_profile: work.clientProfile,
    name: work.name,
    tags: JSON.stringify(work.tags),
    created_at: work.createdAt,
    rerunnable: work.rerunnable ? 1 : 0,
    max_run_ms: work.maxRunMs,
    idempotency_key_hash: work.idempotencyKeyHash,
    body_digest: work.bodyDigest,
  }
}
