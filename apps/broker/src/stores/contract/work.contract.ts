import type { LocationId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { LOCAL, SYSTEM } from '../../auth/principal.ts'
import type { OpenStore } from '../store.contract.ts'
import {
  ADA,
  ADMIN,
  attemptId,
  BOB,
  CARL,
  claim,
  create,
  decide,
  end,
  NOW,
  newAttempt,
  newWork,
  PROJECT,
  SITE,
  workId,
} from './builders.ts'

const ID = workId(1)

export function describeWork(open: OpenStore): void {
  describe('work items', () => {
    it('answers a created work item with all that was said of it', async () => {
      await using store = await open()
      const documentText = JSON.stringify({ name: 'größe 😀', executors: [] })
      const answer = await store.execute({
        kind: 'create',
        principal: ADA,
        work: newWork(ID, {
          name: 'größe 😀',
          tags: { a: '1', b: '' },
          documentText,
          notes: ['unknown key: x'],
          rerunnable: true,
          maxRunMs: 5000,
        }),
        now: NOW,
      })
      expect(answer).toEqual({ outcome: 'created', id: ID })
      expect(store.getDocument(ADA, ID)).toEqual({
        id: ID,
        kind: 'task',
        owner: { issuer: ADA.issuer, subject: ADA.subject },
        project: PROJECT,
        name: 'größe 😀',
        tags: { a: '1', b: '' },
        state: 'QUEUED',
        version: 1,
        createdAt: NOW,
        rerunnable: true,
        maxRunMs: 5000,
        documentText,
        notes: ['unknown key: x'],
      })
    })

    it('keeps a document of a megabyte whole', async () => {
      await using store = await open()
      const documentText = JSON.stringify({ content: 'ACGT'.repeat(250_000) })
      await create(store, ID, { documentText })
      expect(store.getDocument(ADA, ID)?.documentText).toBe(documentText)
    })

    it('shows a work item to its owner and to those who see all, and to nobody else', async () => {
      await using store = await open()
      await create(store, ID)
      expect(store.getWork(ADA, ID)?.id).toBe(ID)
      expect(store.getWork(ADMIN, ID)?.id).toBe(ID)
      expect(store.getWork(SYSTEM, ID)?.id).toBe(ID)
      expect(store.getWork(BOB, ID)).toBeUndefined()
      expect(store.getWork(LOCAL, ID)).toBeUndefined()
      expect(store.getState(ADA, ID)).toEqual({ id: ID, kind: 'task', state: 'QUEUED' })
      expect(store.getState(BOB, ID)).toBeUndefined()
      expect(store.getWork({ ...ADA, issuer: 'https://other.example' }, ID)).toBeUndefined()
      expect(store.getDocument(BOB, ID)).toBeUndefined()
      expect(await store.getDocuments(BOB, [ID])).toEqual([])
      expect(store.getEvents(BOB, ID)).toEqual([])
    })

    it('shows members what they share, all of it, and lets only the owner and administrators change it', async () => {
      await using store = await open()
      await create(store, ID, { visibility: 'project' })
      const lease = await claim(store)
      await decide(store, lease, newAttempt(ID))
      const { digest } = await store.execute({ kind: 'putBlob', principal: SYSTEM, text: 'stdout', work: ID, now: NOW })
      expect(store.getState(CARL, ID)?.id).toBe(ID)
      expect(store.getWork(CARL, ID)?.owner.subject).toBe(ADA.subject)
      expect(store.getDocument(CARL, ID)).toEqual(store.getDocument(ADA, ID))
      expect(await store.getDocuments(CARL, [ID])).toHaveLength(1)
      expect(store.getAttempts(CARL, ID)).toEqual(store.getAttempts(ADA, ID))
      expect(store.getEvents(CARL, ID)).toEqual(store.getEvents(ADA, ID))
      expect(store.getBlob(CARL, digest)).toBe('stdout')
      const cancel = (principal: typeof ADA) => store.execute({ kind: 'requestCancel', principal, id: ID, now: NOW })
      expect(await cancel(CARL)).toEqual({ outcome: 'notOwner' })
      expect(await store.execute({ kind: 'hold', principal: CARL, id: ID, until: NOW + 5 })).toEqual({ outcome: 'conflict' })
      expect(store.getWork(ADA, ID)).toMatchObject({ cancelRequestedAt: undefined, holdUntil: undefined })
      expect(await cancel(ADMIN)).toEqual({ outcome: 'requested' })
    })

    it.each([
      { what: 'the task was created while the project kept tasks to their owners', visibility: 'owner', by: CARL },
      { what: 'the project keeps tasks to their owners now', visibility: 'project', by: { ...CARL, sees: [] } },
      { what: 'the credential is for another project', visibility: 'project', by: { ...CARL, project: 'other' as typeof PROJECT } },
      { what: 'the person is no member', visibility: 'project', by: BOB },
      {
        what: 'the person has the name of its owner at another login',
        visibility: 'owner',
        by: { ...ADA, issuer: 'https://other.example' },
      },
      { what: 'the credential of an administrator lacks the scope', visibility: 'project', by: { ...ADMIN, scopes: ['read'] as const } },
      { what: 'the credential of an administrator is for one project', visibility: 'project', by: { ...ADMIN, project: PROJECT } },
    ] as const)('T03 shows nothing of it where $what', async ({ visibility, by }) => {
      await using store = await open()
      await create(store, ID, { visibility })
      await decide(store, await claim(store), newAttempt(ID))
      const { digest } = await store.execute({ kind: 'putBlob', principal: SYSTEM, text: 'stdout', work: ID, now: NOW })
      const seen = [store.getState(by, ID), store.getWork(by, ID), store.getDocument(by, ID), store.getBlob(by, digest)]
      expect(seen).toEqual([undefined, undefined, undefined, undefined])
      expect([store.getAttempts(by, ID), store.getEvents(by, ID), store.getOutputs(by, ID, 0, 10)]).toEqual([[], [], []])
      expect(await store.execute({ kind: 'requestCancel', principal: by, id: ID, now: NOW })).toEqual({ outcome: 'notFound' })
    })

    it('keeps one key from standing for tasks of two projects', async () => {
      await using store = await open()
      await create(store, ID, { idempotencyKeyHash: 'k', bodyDigest: 'b1' })
      const work = newWork(workId(2), { idempotencyKeyHash: 'k', bodyDigest: 'b1', project: 'other' as typeof PROJECT })
      expect(await store.execute({ kind: 'create', principal: ADA, work, now: NOW })).toEqual({ outcome: 'keyReused' })
    })

    it('T03 shows a credential that is bound to a project only what is in it', async () => {
      await using store = await open()
      await create(store, ID)
      expect(store.getWork({ ...ADA, project: PROJECT }, ID)?.id).toBe(ID)
      expect(store.getWork({ ...ADA, project: 'other' as typeof PROJECT }, ID)).toBeUndefined()
    })

    it('answers documents in the order asked for and leaves out what is not there', async () => {
      await using store = await open()
      for (const number of [1, 2, 3]) await create(store, workId(number))
      const ids = [workId(3), workId(9), workId(1)]
      expect((await store.getDocuments(ADA, ids)).map(({ id }) => id)).toEqual([workId(3), workId(1)])
    })

    it.each([
      { what: 'the same key and body by the same person is the same work item', by: ADA, body: 'b1', after: 0, outcome: 'existing' },
      { what: 'the same key with another body is refused', by: ADA, body: 'b2', after: 0, outcome: 'keyReused' },
      { what: 'the same key of another person is a new work item', by: BOB, body: 'b1', after: 0, outcome: 'created' },
      { what: 'a key is forgotten after a day', by: ADA, body: 'b1', after: 86_400_001, outcome: 'created' },
    ])('T03 $what', async ({ by, body, after, outcome }) => {
      await using store = await open()
      await create(store, ID, { idempotencyKeyHash: 'k', bodyDigest: 'b1' })
      const work = newWork(workId(2), { idempotencyKeyHash: 'k', bodyDigest: body, createdAt: NOW + after })
      const answer = await store.execute({ kind: 'create', principal: by, work, now: NOW + after })
      expect(answer.outcome).toBe(outcome)
      if (answer.outcome === 'existing') expect(answer.id).toBe(ID)
    })

    it('refuses a second work item with the same id and leaves the first as it is', async () => {
      await using store = await open()
      await create(store, ID)
      await expect(create(store, ID, { name: 'second' })).rejects.toThrow()
      expect(store.getWork(ADA, ID)?.name).toBe('align')
    })

    it('takes every good command of a crowd although bad ones stand among them', async () => {
      await using store = await open()
      const numbers = Array.from({ length: 60 }, (_, i) => i)
      const outcomes = await Promise.allSettled(numbers.map(number => create(store, workId(number % 3 === 0 ? 0 : number))))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(41)
      for (const number of numbers) expect(store.getWork(ADA, workId(number)) === undefined).toBe(number % 3 === 0 && number > 0)
    })

    it('T03 cancels once, says so the second time, and never for others', async () => {
      await using store = await open()
      await create(store, ID)
      const cancel = (principal: typeof ADA, id = ID) => store.execute({ kind: 'requestCancel', principal, id, now: NOW + 5 })
      expect(await cancel(BOB)).toEqual({ outcome: 'notFound' })
      expect(await cancel(ADA, workId(2))).toEqual({ outcome: 'notFound' })
      expect(await cancel(ADA)).toEqual({ outcome: 'requested' })
      expect(await cancel(ADA)).toEqual({ outcome: 'alreadyRequested' })
      expect(store.getWork(ADA, ID)).toMatchObject({ cancelRequestedAt: NOW + 5, version: 2, state: 'QUEUED' })
      const lease = await claim(store)
      await end(store, lease, ID, 'CANCELED')
      expect(await cancel(ADA)).toEqual({ outcome: 'alreadyEnded' })
    })

    it('holds a work item back until its time, and not once an attempt exists', async () => {
      await using store = await open()
      await create(store, ID)
      const hold = (until: number) => store.execute({ kind: 'hold', principal: ADA, id: ID, until })
      expect(await hold(NOW + 100)).toEqual({ outcome: 'done' })
      expect(store.listDue(SYSTEM, 10, NOW + 99)).toEqual([])
      expect(store.listDue(SYSTEM, 10, NOW + 100)).toMatchObject([{ id: ID, holdUntil: NOW + 100 }])
      expect(await hold(0)).toEqual({ outcome: 'done' })
      expect(store.listDue(SYSTEM, 10, NOW)).toMatchObject([{ id: ID }])
      await decide(store, await claim(store), newAttempt(ID))
      expect(await hold(NOW + 100)).toEqual({ outcome: 'conflict' })
    })

    it('ends the hold when the client comes back with its key', async () => {
      await using store = await open()
      await create(store, ID, { idempotencyKeyHash: 'k', bodyDigest: 'b' })
      await store.execute({ kind: 'hold', principal: ADA, id: ID, until: NOW + 30_000 })
      await store.execute({
        kind: 'create',
        principal: ADA,
        work: newWork(workId(2), { idempotencyKeyHash: 'k', bodyDigest: 'b' }),
        now: NOW,
      })
      expect(store.getWork(ADA, ID)?.holdUntil).toBeUndefined()
    })

    it('keeps a text once and shows it to those who may see what it was put for', async () => {
      await using store = await open()
      await create(store, ID)
      const put = (work?: typeof ID) => store.execute({ kind: 'putBlob', principal: SYSTEM, text: 'stdout', work, now: NOW })
      const { digest } = await put()
      expect(digest).toMatch(/^[0-9a-f]{64}$/)
      expect(store.getBlob(ADA, digest)).toBeUndefined()
      expect(await put(ID)).toEqual({ digest })
      expect(store.getBlob(ADA, digest)).toBe('stdout')
      expect(store.getBlob(BOB, digest)).toBeUndefined()
      expect(store.getBlob(SYSTEM, digest)).toBe('stdout')
      expect(store.getBlob(SYSTEM, 'f'.repeat(64))).toBeUndefined()
    })

    it('keeps outputs, logs, notes and the decision, and shows the latest of each', async () => {
      await using store = await open()
      await create(store, ID, { notes: ['first'] })
      const lease = await claim(store)
      const attempt = newAttempt(ID)
      await decide(store, lease, attempt, { decisionText: '{"chosen":"charite"}', notes: ['second'] })
      const digests = [{ type: 'md5', checksum: 'aa' }]
      const outputs = [
        {
          url: 's3://results/a',
          path: '/out/a',
          sizeBytes: '12',
          location: 'charite-s3' as LocationId,
          etag: '"1"',
          digests,
          modifiedAt: NOW,
        },
        { url: 's3://results/b', path: '/out/b' },
      ]
      await store.execute({
        kind: 'transition',
        principal: SYSTEM,
        lease,
        attempts: [],
        work: { id: ID, expectedVersion: 2, logText: '{"logs":[]}', outputs },
        now: NOW,
      })
      expect(store.getDocument(ADA, ID)).toMatchObject({
        version: 3,
        notes: ['first', 'second'],
        logText: '{"logs":[]}',
        decisionText: '{"chosen":"charite"}',
        countsAttempt: attemptId(attempt.id),
        countsSite: SITE,
      })
      const numbered = outputs.map((output, number) => ({ ...output, number }))
      expect(store.getOutputs(ADA, ID, 0, 10)).toEqual(numbered)
      expect([store.getOutputs(ADA, ID, 1, 10), store.getOutputs(ADA, ID, 0, 1)]).toEqual([numbered.slice(1), numbered.slice(0, 1)])
      expect(store.getOutputs(BOB, ID, 0, 10)).toEqual([])
    })
  })
}
