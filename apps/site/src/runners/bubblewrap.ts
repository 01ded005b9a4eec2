/**
 * Executors in bubblewrap: namespaces of their own, the system of this machine or an unpacked image read-only, the task's mounts at
 * their own paths. No network unless the site gives it.
 */
import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { normalise } from '../tasks/container-path.ts'
import { limitWords } from './limits.ts'
import { clientEnvironment, runTool } from './run-tool.ts'
import type { ExecutorStep, Runner } from './runner.ts'

const PROBE_MS = 20_000
/** What bubblewrap tells of an executor: a file of its scratch folder. */
const STATUS = 'status'
/** Its reasons for a command of which there is none. */
const MISSING = new Set(['No such file or directory', 'Not a directory'])
/** Directories of a system that are made anew in the sandbox, or that hold what is no task's business. */
const NOT_BOUND = new Set(['dev', 'proc', 'sys', 'tmp', 'run', 'mnt', 'media'])
const HOST_DIRECTORIES = ['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64']
const HOST_FILES = [
  'etc/alternatives',
  'etc/ld.so.cache',
  'etc/ssl',
  'etc/passwd',
  'etc/group',
  'etc/nsswitch.conf',
  'etc/resolv.conf',
  'etc/hosts',
]

export interface BubblewrapOptions {
  readonly network: boolean
  /** Image name → folder with its unpacked root file system. Other images run on this machine's own system. */
  readonly rootfs: Readonly<Record<string, string>>
}

export function createBubblewrapRunner(options: BubblewrapOptions): Runner {
  const system = (image: string) => {
    const unpacked = Object.hasOwn(options.rootfs, image) ? options.rootfs[image] : undefined
    return unpacked === undefined ? bindHost() : bindRootfs(unpacked)
  }
  const images = Object.keys(options.rootfs).length === 0 ? 'images ignored' : 'images ignored but the unpacked ones'
  return {
    name: 'bubblewrap',
    promise: `runtime: bubblewrap, ${images}, each executor in namespaces of its own${options.network ? ' with the network of this machine' : ' without a network'}`,
    leavesProcesses: false,

    async probe(image, signal) {
      const tried = await runTool(['bwrap', ...sandbox(options.network), ...system(image), '--', '/bin/sh', '-c', 'true'], signal, PROBE_MS)
      return tried.exitCode === 0 ? undefined : `bubblewrap cannot run here: ${tried.detail}`
    },

    build(step) {
      const { executor } = step
      const argv = [
        ...['/bin/sh', '-c', 'exec "$@" 3>"$0"', join(step.scratch, STATUS)],
        ...limitWords(step.resources),
        'bwrap',
        ...['--json-status-fd', '3'],
        ...sandbox(options.network),
        ...system(executor.image),
        ...step.mounts.flatMap(mount => [mount.writable ? '--bind' : '--ro-bind', join(step.root, mount.path), mount.path]),
        ...workdir(step),
        ...Object.entries(executor.env ?? {}).flatMap(([key, value]) => ['--setenv', key, value]),
        '--',
        ...executor.command,
      ]
      const command = { argv, env: clientEnvironment(), cwd: step.scratch, stdin: step.stdin }
      return Promise.resolve({ command, warnings: [] })
    },

    async conclude({ exitCode, scratch, said }) {
      if (exitCode === 0) return undefined
      const status = await readFile(join(scratch, STATUS), 'utf8').catch(() => '')
      // It writes the exit code down if the command ran. If not, all words are its own: of a command that cannot be run, or of the sandbox.
      if (status.includes('"exit-code"')) return undefined
      const [, reason] = /^bwrap: execvp [\s\S]*: (.+)$/m.exec(said) ?? []
      if (reason === undefined) return { failure: said || 'bubblewrap said nothing' }
      return { notRun: MISSING.has(reason) ? 127 : 126 }
    },

    // All processes are descendants of the command and die with it.
    end: () => Promise.resolve(),
  }
}

function sandbox(network: boolean): string[] {
  return [
    ...['--unshare-all', ...(network ? ['--share-net'] : []), '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...['--uid', '1000', '--gid', '1000', '--hostname', 'task'],
    ...['--clearenv', '--setenv', 'PATH', '/usr/local/bin:/usr/bin:/bin', '--setenv', 'HOME', '/tmp', '--tmpfs', '/'],
    ...['--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--dir', '/tmp'],
  ]
}

/** Links of the system (`/bin` → `usr/bin`) are made as links, so that both names mean the same. */
function bindEntry(source: string, path: string): string[] {
  return lstatSync(source).isSymbolicLink() ? ['--symlink', readlinkSync(source), path] : ['--ro-bind', source, path]
}

function bindHost(): string[] {
  const files = HOST_FILES.map(name => `/${name}`).filter(path => existsSync(path))
  return [
    ...HOST_DIRECTORIES.map(name => `/${name}`)
      .filter(path => existsSync(path))
      .flatMap(path => bindEntry(path, path)),
    ...files.flatMap(path => ['--ro-bind', path, path]),
  ]
}

function bindRootfs(folder: string): string[] {
  return readdirSync(folder)
    .filter(name => !NOT_BOUND.has(name))
    .sort()
    .flatMap(name => bindEntry(join(folder, name), `/${name}`))
}

function workdir(step: ExecutorStep): string[] {
  if (step.executor.workdir === undefined) return []
  const path = normalise(step.executor.workdir)
  // Made if missing; a directory that is there stays as it is.
  return ['--dir', path, '--chdir', path]
}
