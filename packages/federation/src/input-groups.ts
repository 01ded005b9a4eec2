/**
 * Groups the inputs of a work item by where they lie, since those that lie at the same places take the same links.
 */
import type { LocationId } from './ids.ts'
import type { LocatedInput } from './work.ts'

/** Inputs with the same set of replica locations cost the same for each byte. */
export interface InputGroup {
  /** Indices into the work item's places; empty: under no declared location. */
  readonly places: readonly number[]
  readonly inputs: readonly LocatedInput[]
  readonly bytes: number
  readonly files: number
}

/** Collects groups and places, each in order of appearance. */
export class Grouping {
  readonly groups = new Map<string, { places: readonly number[]; inputs: LocatedInput[]; bytes: number; files: number }>()
  readonly places = new Map<LocationId, number>()

  add(input: LocatedInput): void {
    const places: number[] = []
    for (const { location } of input.replicas) {
      const index = this.#indexOf(location)
      if (!places.includes(index)) places.push(index)
    }
    const key = places.sort((a, b) => a - b).join()
    const group = this.groups.get(key)
    if (group === undefined) {
      this.groups.set(key, { places, inputs: [input], bytes: input.bytes, files: input.files })
      return
    }
    group.inputs.push(input)
    group.bytes += input.bytes
    group.files += input.files
  }

  #indexOf(location: LocationId): number {
    const known = this.places.get(location)
    if (known !== undefined) return known
    this.places.set(location, this.places.size)
    return this.places.size - 1
  }
}
