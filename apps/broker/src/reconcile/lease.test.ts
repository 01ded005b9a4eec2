import { describe, expect, it } from 'vitest'
import { openParts, SILENT } from '../../test/reconcile-parts.ts'
import { createLeaseHolder } from './lease.ts'

const TTL_MS = 15_000

describe('holding a lease', () => {
  it('claims it once and keeps its epoch while it is renewed in time', async () => {
    await using parts = await openParts()
    const lease = createLeaseHolder(parts.store, 'site:a', 'one', TTL_MS, parts.now, SILENT)
    const first = await lease.hold()
    expect(first).toMatchObject({ name: 'site:a', owner: 'one' })
    for (let i = 0; i < 10; i++) {
      parts.at += TTL_MS / 2
      expect(await lease.hold()).toEqual(first)
    }
  })

  it('has no proof while another owner holds it, and takes it over when that one is silent', async () => {
    await using parts = await openParts()
    const one = createLeaseHolder(parts.store, 'site:a', 'one', TTL_MS, parts.now, SILENT)
    const two = createLeaseHolder(parts.store, 'site:a', 'two', TTL_MS, parts.now, SILENT)
    const first = await one.hold()
    expect(await two.hold()).toBeUndefined()
    parts.at += TTL_MS + 1
    const second = await two.hold()
    expect(second?.epoch).toBeGreaterThan(first?.epoch ?? 0)
    expect(await one.hold()).toBeUndefined()
  })

  it('is claimed anew, with a new epoch, after a write under it was refused', async () => {
    await using parts = await openParts()
    const lease = createLeaseHolder(parts.store, 'site:a', 'one', TTL_MS, parts.now, SILENT)
    const first = await lease.hold()
    lease.drop()
    expect((await lease.hold())?.epoch).toBeGreaterThan(first?.epoch ?? 0)
  })

  it('is free for others at once when it is given back', async () => {
    await using parts = await openParts()
    const one = createLeaseHolder(parts.store, 'site:a', 'one', TTL_MS, parts.now, SILENT)
    await one.hold()
    await one.release()
    expect(await createLeaseHolder(parts.store, 'site:a', 'two', TTL_MS, parts.now, SILENT).hold()).toMatchObject({ owner: 'two' })
    await one.release()
  })
})
