/**
 * Those who wait for an answer, in the order they asked. Ids rise by one.
 *
 * An array, not a `Map`: `start/collector.ts` says what a busy Map costs.
 */
export interface WaitingLine<T> {
  readonly size: number
  /** Answers the id of the place in the line. */
  add(one: T): number
  /** Takes it out of the line, wherever it stands. Undefined if it has left already. */
  take(id: number): T | undefined
  /** The one that has waited longest. */
  first(): T | undefined
  takeFirst(): T | undefined
}

export function createWaitingLine<T extends object>(): WaitingLine<T> {
  const places: (T | undefined)[] = []
  let firstId = 1
  let size = 0

  function take(id: number): T | undefined {
    const at = id - firstId
    const one = places[at]
    if (one === undefined) return undefined
    places[at] = undefined
    size -= 1
    while (places.length > 0 && places[0] === undefined) {
      places.shift()
      firstId += 1
    }
    return one
  }

  return {
    get size() {
      return size
    },
    add(one) {
      size += 1
      return firstId + places.push(one) - 1
    },
    take,
    first: () => places[0],
    takeFirst: () => take(firstId),
  }
}
