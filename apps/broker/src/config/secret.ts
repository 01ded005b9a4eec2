/**
 * A secret value. It shows itself to nobody who does not ask for it by name: not in text, not as JSON, not when inspected or spread.
 */
import { inspect } from 'node:util'

const SHOWN = '[secret]'

export class Secret {
  #value: string
  readonly #read: (() => Promise<string | undefined>) | undefined

  /** `read`: gets the value of now from where this one came from, or undefined where there is none that can be used. */
  constructor(value: string, read?: () => Promise<string | undefined>) {
    this.#value = value
    this.#read = read
  }

  /** Looks where the value came from, once more. True if it is another one now, and from now on that one. */
  async renew(): Promise<boolean> {
    const value = await this.#read?.()
    if (value === undefined || value === this.#value) return false
    this.#value = value
    return true
  }

  /** The value itself, for the header or handshake that needs it. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  [inspect.custom](): string {
    return SHOWN
  }
}
