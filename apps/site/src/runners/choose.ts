/**
 * Which runner takes an image: the one that the operator named, or with `auto` the first whose probe with this very image ran.
 */
import type { Runner } from './runner.ts'

export type Choice =
  | { readonly runner: Runner; readonly refused: readonly string[] }
  | { readonly runner?: undefined; readonly refused: readonly string[] }

export type ChooseRunner = (image: string, signal: AbortSignal) => Promise<Choice>

/** Tries the runners in their order. A choice is remembered per image; a refusal is not, because an image may arrive later. */
export function createChooser(runners: readonly Runner[]): ChooseRunner {
  const chosen = new Map<string, Choice>()
  return async (image, signal) => {
    const known = chosen.get(image)
    if (known) return known
    const refused: string[] = []
    for (const runner of runners) {
      const reason = await runner.probe(image, signal)
      if (reason === undefined) {
        const choice: Choice = { runner, refused }
        chosen.set(image, choice)
        return choice
      }
      refused.push(reason)
    }
    return { refused }
  }
}
