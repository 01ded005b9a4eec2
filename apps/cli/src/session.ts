/**
 * What a command works with: its settings, where it writes, and a server as soon as it asks for one.
 */
import { type Connection, connect } from './connect.ts'
import type { Output } from './output/output.ts'
import type { Settings } from './settings.ts'

/** The world outside the process, as `main.ts` found it. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** Aborted when the command is to end early. */
  readonly signal: AbortSignal
  /** Standard input; reading it ends with the signal. */
  readonly openStdin: () => AsyncIterable<Buffer | string>
  readonly userAgent: string
}

export interface Session extends Surroundings {
  readonly settings: Settings
  readonly output: Output
  connect(options?: { readonly pollIntervalMs?: number | undefined }): Promise<Connection>
}

export function createSession(surroundings: Surroundings, settings: Settings, output: Output): Session {
  return { ...surroundings, settings, output, connect: options => connect({ ...surroundings, ...options, settings, output }) }
}
