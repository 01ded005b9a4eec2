/**
 * Whose failure an exit code of a container's client is: podman and docker say 125 for their own, 126 and 127 for a command that cannot be run,
 * and pass on every code of the command, which may be one of these, too. The container itself tells.
 */
import { runTool, type ToolResult } from './run-tool.ts'
import type { ExecutorEnding } from './runner.ts'

const INSPECT_MS = 30_000
const CLIENT_CODES = [125, 126, 127]
const COMMAND_CODES = [126, 127]
/** What a container that never ran says of its start. */
const NEVER = '0001-'

/** What the runtime said of its own failure; undefined if the exit code is not about the runtime. */
export async function findRuntimeFailure(client: string, ending: ExecutorEnding, signal: AbortSignal): Promise<string | undefined> {
  if (!CLIENT_CODES.includes(ending.exitCode)) return undefined
  const format = '--format={{.State.Status}} {{.State.ExitCode}} {{.State.StartedAt}}'
  const container = await runTool([client, 'inspect', '--type=container', format, ending.name], signal, INSPECT_MS)
  if (!isRuntimeFailure(ending, container)) return undefined
  return ending.said || `${client} said nothing`
}

/** `container`: what the runtime says of the container. Pure. */
function isRuntimeFailure(
  { exitCode, said }: Pick<ExecutorEnding, 'exitCode' | 'said'>,
  container: Pick<ToolResult, 'exitCode' | 'stdout'>,
): boolean {
  // There is no client any more.
  if (container.exitCode === undefined) return true
  const [status, code, started = NEVER] = container.exitCode === 0 ? container.stdout.trim().split(' ') : []
  if (!started.startsWith(NEVER)) return status !== 'exited' || Number(code) !== exitCode
  // It never ran, so all words are the runtime's. Podman gives 126 also when a mount or a limit failed, and then names the OCI runtime's error.
  return !COMMAND_CODES.includes(exitCode) || (exitCode === 126 && /OCI runtime error/.test(said))
}
