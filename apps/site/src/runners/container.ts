/**
 * Executors in containers: podman and docker take the same words.
 *
 * The container sees its image, the task's mounts at their own paths, and no network unless the site gives it. No capabilities.
 */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TesExecutor, TesResources } from '@portolan/tes'
import { isAtOrBelow, normalise, PathRefused } from '../tasks/container-path.ts'
import { findRuntimeFailure } from './container-end.ts'
import { clientEnvironment, runTool } from './run-tool.ts'
import type { ExecutorStep, Runner } from './runner.ts'

const PROBE_MS = 300_000
const END_MS = 30_000
/** The runtime itself failed: there was no container. */
const RUNTIME_FAILED = 125
const GIGABYTE = 1e9

export function createContainerRunner(client: 'podman' | 'docker', options: { readonly network: boolean }): Runner {
  const remove = (name: string, signal: AbortSignal) => runTool([client, 'rm', '--force', '--volumes', name], signal, END_MS)
  return {
    name: client,
    promise: `runtime: ${client}, each executor in a container of its own image${options.network ? ' with the network of this machine' : ' without a network'}`,
    leavesProcesses: false,

    async probe(image, signal) {
      const name = `portolan-probe-${randomBytes(8).toString('hex')}`
      const words = ['run', '--rm', `--name=${name}`, '--network=none', '--entrypoint=', image, 'true']
      const known = await runTool([client, ...words], signal, PROBE_MS)
      // A client that is stopped leaves its container behind.
      if (known.exitCode === undefined) await remove(name, AbortSignal.timeout(END_MS))
      // 126 and 127: the container was made, but the image has no `true`.
      if (known.exitCode !== undefined && known.exitCode !== RUNTIME_FAILED) return undefined
      return `${client} cannot run the image ${image}: ${known.detail}`
    },

    async build(step) {
      refuseColons(step)
      const environmentFile = join(step.scratch, 'environment')
      const { inFile, asArguments } = splitEnvironment(step.executor.env ?? {})
      await writeFile(environmentFile, inFile, { mode: 0o600 })
      const argv = [
        client,
        'run',
        // It stays when it is over, since only it can tell whether the exit code is its own.
        `--name=${step.name}`,
        ...(step.executor.stdin === undefined ? [] : ['--interactive']),
        '--cap-drop=ALL',
        '--security-opt=no-new-privileges',
        ...(options.network ? [] : ['--network=none']),
        ...limits(step.resources),
        `--env-file=${environmentFile}`,
        ...asArguments,
        ...step.mounts.map(mount => `--volume=${join(step.root, mount.path)}:${mount.path}:${mount.writable ? 'rw' : 'ro'}`),
        ...workdir(step),
        // The first word of a TES command is the program, whatever entry point the image has.
        '--entrypoint=',
        step.executor.image,
        ...step.executor.command,
      ]
      return { command: { argv, env: clientEnvironment(), cwd: step.scratch, stdin: step.stdin }, warnings: [] }
    },

    async conclude(ending, signal) {
      const failure = await findRuntimeFailure(client, ending, signal)
      await remove(ending.name, signal)
      return failure === undefined ? undefined : { failure }
    },

    async end(name, signal) {
      await runTool([client, 'stop', '-t', '2', name], signal, END_MS)
      await remove(name, signal)
    },
  }
}

/** A file keeps values out of the process list; it cannot hold line breaks, and drops blanks at the edges. */
function splitEnvironment(env: NonNullable<TesExecutor['env']>): { inFile: string; asArguments: string[] } {
  const lines: string[] = []
  const asArguments: string[] = []
  for (const [key, value] of Object.entries(env)) {
    if (/[\n\r]/.test(value) || value !== value.trim() || value === '') asArguments.push(`--env=${key}=${value}`)
    else lines.push(`${key}=${value}\n`)
  }
  return { inFile: lines.join(''), asArguments }
}

/** A colon ends a path in the words of a volume: what follows would be another place, of this machine even. */
function refuseColons({ mounts, executor }: ExecutorStep): void {
  const path = [...mounts.map(mount => mount.path), executor.workdir ?? ''].find(text => text.includes(':'))
  if (path !== undefined)
    throw new PathRefused(`${path} holds a colon, which no container of this site can have in a path: use another name`)
}

/** A workdir outside of the mounts gets a throw-away volume: made if missing, with what the image has there if not. */
function workdir(step: ExecutorStep): string[] {
  if (step.executor.workdir === undefined) return []
  const path = normalise(step.executor.workdir)
  const covered = path === '/' || step.mounts.some(mount => isAtOrBelow(path, mount.path))
  return [...(covered ? [] : [`--volume=${path}`]), `--workdir=${path}`]
}

function limits(resources: TesResources): string[] {
  const flags: string[] = []
  if (resources.cpu_cores !== undefined && resources.cpu_cores > 0) flags.push(`--cpus=${resources.cpu_cores}`)
  if (resources.ram_gb !== undefined && resources.ram_gb > 0) flags.push(`--memory=${Math.ceil(resources.ram_gb * GIGABYTE)}`)
  return flags
}
