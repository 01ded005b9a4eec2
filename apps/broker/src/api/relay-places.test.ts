import { describe, expect, it, vi } from 'vitest'
import { createRelayPlaces, type RelayPlaces } from './relay-places.ts'

const NEVER = new AbortController().signal
const person = (subject: string) => ({ issuer: 'https://login.example.org/', subject })
const [ADA, BEN, EVE] = [person('ada'), person('ben'), person('eve')]

/** As many as somebody gets without waiting. */
async function takeAll(places: RelayPlaces, who = ADA): Promise<(() => void)[]> {
  const given: (() => void)[] = []
  for (;;) {
    const give = await places.take(who, 1, NEVER)
    if (give === undefined) return given
    given.push(give)
  }
}

describe('places for relays', () => {
  it('are as many as there may be at once, and the next waits for the first that is given back', async () => {
    const places = createRelayPlaces(2, 1)
    const [first] = await Promise.all([places.take(ADA, 1, NEVER), places.take(ADA, 1, NEVER)])
    const third = places.take(ADA, 60_000, NEVER)
    first?.()
    expect(await third).toBeDefined()
  })

  it('are given to nobody who has waited too long', async () => {
    const places = createRelayPlaces(1)
    const give = await places.take(ADA, 1, NEVER)
    expect(await places.take(BEN, 1, NEVER)).toBeUndefined()
    give?.()
    expect(await places.take(BEN, 1, NEVER)).toBeDefined()
  })

  it('are given to nobody who has gone', async () => {
    const places = createRelayPlaces(1)
    const give = await places.take(ADA, 1, NEVER)
    const leaving = new AbortController()
    const gone = places.take(ADA, 60_000, leaving.signal)
    const next = places.take(ADA, 60_000, NEVER)
    leaving.abort()
    expect(await gone).toBeUndefined()
    give?.()
    expect(await next).toBeDefined()
  })

  it('given back twice are one', async () => {
    const places = createRelayPlaces(1)
    const give = await places.take(ADA, 1, NEVER)
    give?.()
    give?.()
    expect(await places.take(BEN, 1, NEVER)).toBeDefined()
    expect(await places.take(BEN, 1, NEVER)).toBeUndefined()
  })

  it('T16 leave half of what is left to whoever comes next, however many somebody asks for', async () => {
    const places = createRelayPlaces(8)
    const had: number[] = []
    for (const who of [ADA, BEN, EVE]) had.push((await takeAll(places, who)).length)
    expect(had).toEqual([4, 2, 1])
  })

  it('T16 go to who holds fewest, however many of another wait before them', async () => {
    const places = createRelayPlaces(3, 1)
    await places.take(ADA, 1, NEVER)
    const [first, second] = await takeAll(places, BEN)
    const order: string[] = []
    const wait = async (name: string, who = ADA): Promise<void> => {
      if (await places.take(who, 60_000, NEVER)) order.push(name)
    }
    for (let i = 0; i < 10; i++) void wait('ada')
    void wait('mia', person('mia'))
    first?.()
    await vi.waitFor(() => expect(order).toEqual(['mia']))
    second?.()
    await vi.waitFor(() => expect(order).toEqual(['mia', 'ada']))
  })

  it('T16 are waited for by so many requests of one person, and the next hears at once', async () => {
    const places = createRelayPlaces(1)
    await places.take(ADA, 1, NEVER)
    const leaving = new AbortController()
    const waiting = Array.from({ length: 32 }, () => places.take(BEN, 60_000, leaving.signal))
    expect(await places.take(BEN, 60_000, NEVER)).toBeUndefined()
    leaving.abort()
    await Promise.all(waiting)
  })
})
