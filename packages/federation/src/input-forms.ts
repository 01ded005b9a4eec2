/**
 * Collects the inputs of a work item by the question that each asks about its form, since many ask the same one.
 */
import { askForm, type FormQuestion } from './choose-form.ts'
import type { LocationId } from './ids.ts'
import type { Location } from './location.ts'
import type { LocatedInput } from './work.ts'

/** Inputs that go in the same form, and how many files they are. */
export interface FormClass {
  readonly question: FormQuestion
  readonly inputs: readonly LocatedInput[]
  readonly files: number
  /** Of the first of them among all that were added. */
  readonly position: number
}

/** Inputs of one scheme of which nothing else counts. */
export interface PlainInputs {
  readonly inputs: readonly LocatedInput[]
  readonly position: number
}

export class InputForms {
  readonly classes: FormClass[] = []
  /** Those of which nothing but the scheme counts, by their scheme: every site may read every place where they lie, by the same scheme alone. */
  readonly plain = new Map<string, { readonly inputs: LocatedInput[]; readonly position: number }>()
  readonly #byKey = new Map<string, Pick<FormClass, 'question' | 'position'> & { readonly inputs: LocatedInput[]; files: number }>()
  #added = 0
  readonly #locations: ReadonlyMap<LocationId, Location>
  readonly #chosen: ReadonlySet<LocationId>

  /** `chosen`: locations that not every site reads alike. */
  constructor(locations: ReadonlyMap<LocationId, Location>, chosen: ReadonlySet<LocationId>) {
    this.#locations = locations
    this.#chosen = chosen
  }

  /** `scheme` is that of the input's URL. */
  add(input: LocatedInput, scheme: string): void {
    const position = this.#added++
    if (this.#isPlain(input, scheme)) {
      const known = this.plain.get(scheme)
      if (known === undefined) this.plain.set(scheme, { inputs: [input], position })
      else known.inputs.push(input)
      return
    }
    const question = askForm(input, scheme, this.#locations)
    const key = keyOf(question)
    const known = this.#byKey.get(key)
    if (known !== undefined) {
      known.inputs.push(input)
      known.files += input.files
      return
    }
    const made = { question, inputs: [input], files: input.files, position }
    this.#byKey.set(key, made)
    this.classes.push(made)
  }

  #isPlain({ replicas }: LocatedInput, scheme: string): boolean {
    if (scheme === 'drs') return false
    for (const { location, url } of replicas) if (this.#chosen.has(location) || !url.startsWith(`${scheme}:`)) return false
    return true
  }
}

function keyOf({ scheme, sources, tooMany }: FormQuestion): string {
  let key = tooMany ? `${scheme}!` : scheme
  for (const { id, scheme: other, own, linkable } of sources) key += `${own ? ` =${id}` : ` ${id} ${other}`}${linkable ? '+' : ''}`
  return key
}
