import { describeTask, place, type SiteId, type WorkId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { openLedgers, openParts, siteOf } from '../../test/reconcile-parts.ts'
import { NOW, PROJECT } from '../stores/contract/builders.ts'
import type { Store } from '../stores/store.ts'
import { createDecisionArchive } from './decision-archive.ts'
import { createSnapshotSource } from './snapshot-source.ts'

const task = { executors: [{ image: 'alpine', command: ['true'] }], inputs: [{ url: 's3://x/y', path: '/y' }] }
const documentText = JSON.stringify(task)
const now = (): number => NOW

function decide(resendTo?: string) {
  const { ledgers } = openLedgers([siteOf('a'), siteOf('b', { draining: true })], now)
  const compiled = createSnapshotSource({ locations: [], projects: [] }, ledgers, now).compiled(NOW)
  const meta = { id: 'w1' as WorkId, project: PROJECT, documentBytes: documentText.length, triedSites: ['b' as SiteId] }
  const work = describeTask(task, { ...meta, ...(resendTo !== undefined && { resendTo: resendTo as SiteId }) }, [])
  return { compiled, work, decision: place(compiled, work) }
}

describe('the archive of decisions', () => {
  it.each([
    ['a plain one', undefined],
    ['one that sends again to the same site', 'a'],
  ])('gives %s again to the byte', async (_, resendTo) => {
    await using parts = await openParts()
    const { compiled, work, decision } = decide(resendTo)
    const packed = await createDecisionArchive(parts.store, now).pack(compiled.snapshot, work, decision, documentText)
    const recalled = createDecisionArchive(parts.store, now).unpack(packed, documentText)
    expect(JSON.stringify(recalled)).toBe(JSON.stringify(decision))
  })

  it('keeps policies that are common to many decisions once', async () => {
    await using parts = await openParts()
    let kept = 0
    const execute: Store['execute'] = async command => {
      if (command.kind === 'putBlob') kept += 1
      return await parts.store.execute(command)
    }
    const counting = new Proxy(parts.store, { get: (target, key) => (key === 'execute' ? execute : Reflect.get(target, key, target)) })
    const archive = createDecisionArchive(counting, now)
    const { compiled, work, decision } = decide()
    const packed = await Promise.all(Array.from({ length: 20 }, () => archive.pack(compiled.snapshot, work, decision, documentText)))
    expect(kept).toBe(1)
    expect(new Set(packed).size).toBe(1)
    expect(packed[0]?.length).toBeLessThan(1_000)
  })

  it('tries again if the policies could not be stored', async () => {
    await using parts = await openParts()
    let down = true
    const execute: Store['execute'] = async command => {
      if (down) throw new Error('the disk is full')
      return await parts.store.execute(command)
    }
    const shaky = new Proxy(parts.store, { get: (target, key) => (key === 'execute' ? execute : Reflect.get(target, key, target)) })
    const archive = createDecisionArchive(shaky, now)
    const { compiled, work, decision } = decide()
    await expect(archive.pack(compiled.snapshot, work, decision, documentText)).rejects.toThrow('the disk is full')
    down = false
    expect(archive.unpack(await archive.pack(compiled.snapshot, work, decision, documentText), documentText)).toEqual(decision)
  })

  it('has nothing to say where the policies are gone', async () => {
    await using parts = await openParts()
    await using empty = await openParts()
    const { compiled, work, decision } = decide()
    const packed = await createDecisionArchive(parts.store, now).pack(compiled.snapshot, work, decision, documentText)
    expect(createDecisionArchive(empty.store, now).unpack(packed, documentText)).toBeUndefined()
  })
})
