import { describe, expect, it } from 'vitest'
import { openLedgers, siteOf } from '../../test/reconcile-parts.ts'
import { NOW, PROJECT } from '../stores/contract/builders.ts'
import { createSnapshotSource } from './snapshot-source.ts'

describe('the picture of all sites', () => {
  it('has an id that tells nothing of how many others were taken', () => {
    const now = () => NOW
    const { ledgers } = openLedgers([siteOf('a')], now)
    const source = createSnapshotSource({ locations: [], projects: [{ id: PROJECT }] }, ledgers, now)
    const taken = [source.take(NOW), source.take(NOW), source.take(NOW)]
    expect(new Set(taken.map(({ id }) => id)).size).toBe(3)
    for (const { id, policyVersion } of taken) expect(id.replace(`${policyVersion}-`, '')).toMatch(/^[0-9a-f-]{36}$/)
  })
})
