/**
 * Runs a short command of a runtime to its end and reports it. Never throws for what the command does.
 */
import { execFile } from 'node:child_process'

export interface ToolResult {
  /** Undefined if it could not be started, or was stopped. */
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly detail: string
}

/** The environment of a runtime's client: what it needs to find itself, nothing of the site's secrets. */
export function clientEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { PATH: process.env.PATH ?? '/usr/bin:/bin' }
  for (const name of ['HOME', 'XDG_RUNTIME_DIR', 'CONTAINERS_CONF', 'CONTAINERS_STORAGE_CONF', 'DOCKER_HOST']) {
    const value = process.env[name]
    if (value !== undefined) environment[name] = value
  }
  return environment
}

export function runTool(argv: readonly string[], signal: AbortSignal, timeoutMs: number): Promise<ToolResult> {
  const [file = '', ...args] = argv
  return new Promise(resolve => {
    execFile(file, args, { env: clientEnvironment(), signal, timeout: timeoutMs, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      const exitCode = error ? (typeof error.code === 'number' ? error.code : undefined) : 0
      const detail = lastWords(stderr) || (error?.message ?? '')
      resolve({ exitCode, stdout, detail })
    })
  })
}

/** What a client said of its failure: its last line that names an error, else the end of all it said. Parts without words are left out. Pure. */
export function lastWords(stderr: string): string {
  const error = stderr.split('\n').findLast(line => /^error: /i.test(line))
  const words = error?.replace(/^error: /i, '') ?? stderr
  return words
    .trim()
    .replace(/:(\s*:)+/g, ':')
    .slice(-500)
}
