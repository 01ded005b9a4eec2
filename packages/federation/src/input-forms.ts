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
}

export class InputForms {
  readonly classes: FormClass[] = []
  readonly #byKey = new Map<string, { readonly question: FormQuestion; readonly inputs: LocatedInput[]; files: number }>()
  readonly #locations: ReadonlyMap<LocationId, Location>

  constructor(locations: ReadonlyMap<LocationId, Location>) {
    this.#locations = locations
  }

  /** `scheme` is that of the input's URL. */
  add(input: LocatedInput, scheme: string): void {
    const question = askForm(input, scheme, this.#locations)
    const key = keyOf(question)
    const known = this.#byKey.get(key)
    if (known !== undefined) {
      known.inputs.push(input)
      known.files += input.files
      return
    }
    const made = { question, inputs: [input], files: input.files }
    this.#byKey.set(key, made)
    this.classes.push(made)
  }
}

function keyOf({ scheme, sources, tooMany }: FormQuestion): string {
  let key = tooMany ? `${scheme}!` : scheme
  for (const { id, scheme: other, own } of sources) key += own ? ` =${id}` : ` ${id} ${other}`
  return key
}
