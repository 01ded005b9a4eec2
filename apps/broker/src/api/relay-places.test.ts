import { describe, expect, it } from 'vitest'
import { createRelayPlaces } from './relay-places.ts'

const NEVER = new AbortController().signal

describe('places for relays', () => {
  it('are as many as there may be at once, and the next waits for the first that is given back', async () => {
    const places = createRelayPlaces(2)
    const [first] = await Promise.all([places.take(1, NEVER), places.take(1, NEVER)])
    const third = places.take(60_000, NEVER)
    first?.()
    expect(await third).toBeDefined()
  })

  it('are given to nobody who has waited too long', async () => {
    const places = createRelayPlaces(1)
    const give = await places.take(1, NEVER)
    expect(await places.take(1, NEVER)).toBeUndefined()
    give?.()
    expect(await places.take(1, NEVER)).toBeDefined()
  })

  it('are given to nobody who has gone', async () => {
    const places = createRelayPlaces(1)
    const give = await places.take(1, NEVER)
    const leaving = new AbortController()
    const gone = places.take(60_000, leaving.signal)
    const next = places.take(60_000, NEVER)
    leaving.abort()
    expect(await gone).toBeUndefined()
    give?.()
    expect(await next).toBeDefined()
  })

  it('given back twice are one', async () => {
    const places = createRelayPlaces(1)
    const give = await places.take(1, NEVER)
    give?.()
    give?.()
    expect(await places.take(1, NEVER)).toBeDefined()
    expect(await places.take(1, NEVER)).toBeUndefined()
  })
})
