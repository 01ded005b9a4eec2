/**
 * Virtual time and chance: a queue of things to do, and numbers that follow from a seed alone.
 */
interface Entry {
  readonly at: number
  readonly order: number
  readonly act: () => void
}

/** A world that does more in its few minutes runs in circles. */
const MOST_ENTRIES = 200_000

export class Clock {
  now: number
  #entries: Entry[] = []
  #order = 0
  #done = 0

  constructor(now: number) {
    this.now = now
  }

  after(ms: number, act: () => void): void {
    this.at(this.now + ms, act)
  }

  at(at: number, act: () => void): void {
    const entry = { at: Math.max(at, this.now), order: this.#order, act }
    this.#order += 1
    this.#entries.push(entry)
    let index = this.#entries.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#isBefore(index, parent)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  /** Does everything that is due until then, in the order of its time. */
  runUntil(end: number): void {
    for (let first = this.#entries[0]; first !== undefined && first.at <= end; first = this.#entries[0]) {
      this.#removeFirst()
      this.#done += 1
      if (this.#done > MOST_ENTRIES) throw new Error(`The world does not come to rest: ${MOST_ENTRIES} things were done.`)
      this.now = first.at
      first.act()
    }
    this.now = end
  }

  #removeFirst(): void {
    this.#swap(0, this.#entries.length - 1)
    this.#entries.pop()
    for (let index = 0; ; ) {
      let next = 2 * index + 1
      if (next + 1 < this.#entries.length && this.#isBefore(next + 1, next)) next += 1
      if (next >= this.#entries.length || !this.#isBefore(next, index)) return
      this.#swap(index, next)
      index = next
    }
  }

  #isBefore(left: number, right: number): boolean {
    const [a, b] = [this.#entries[left], this.#entries[right]]
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order))
  }

  #swap(left: number, right: number): void {
    const [a, b] = [this.#entries[left], this.#entries[right]]
    if (a === undefined || b === undefined) return
    this.#entries[left] = b
    this.#entries[right] = a
  }
}

/** Chance by the seed (mulberry32). */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** An integer, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  is(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.between(0, items.length - 1)]
  }
}
