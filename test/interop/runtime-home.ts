/**
 * A runtime with everything of its own below one folder, the image included: nothing of the person's own containers, images or settings is touched.
 */
import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { IMAGE } from '../../demo/src/tasks.ts'
import { makeRootfs } from './image.ts'

const run = promisify(execFile)
const CALL_MS = 60_000
/** With a longer path than about this, podman waits 20 s for every container. */
const LONGEST_FOLDER = 32

/** Docker's words as Debian's `podman-docker` takes them: what a daemon has would be the person's own. */
export const DOCKER = '/usr/bin/docker'

export type Runtime = 'podman' | 'docker' | 'bwrap'

export interface RuntimeHome extends AsyncDisposable {
  readonly runtime: Runtime
  /** The image with the tools of this machine. */
  readonly image: string
  /** For every process that calls the runtime. */
  readonly env: Readonly<Record<string, string>>
  /** Further flags for every site. */
  readonly siteFlags: readonly string[]
  /** Names of all containers that are there, running or not; none where the runtime has no containers. */
  listContainers(): Promise<readonly string[]>
  /** What happened to containers so far, oldest first. */
  listEvents(): Promise<readonly ContainerEvent[]>
}

export interface ContainerEvent {
  readonly name: string
  /** The runtime's word: create, start, died, remove and others. */
  readonly status: string
}

/** Makes the image and what the runtime needs below the folder. */
export async function openRuntime(runtime: Runtime, folder: string): Promise<RuntimeHome> {
  const rootfs = join(folder, 'rootfs')
  await makeRootfs(rootfs)
  switch (runtime) {
    case 'bwrap':
      return openBubblewrap(rootfs)
    case 'podman':
      return await openPodman(join(folder, 'podman'), rootfs)
    case 'docker':
      return await openDocker(join(folder, 'podman'), rootfs)
  }
}

function openBubblewrap(rootfs: string): RuntimeHome {
  return {
    runtime: 'bwrap',
    image: IMAGE,
    env: {},
    siteFlags: ['--rootfs', `${IMAGE}=${rootfs}`],
    listContainers: () => Promise.resolve([]),
    listEvents: () => Promise.resolve([]),
    // Its processes end with their site's supervisors, and it has nothing on disk.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

async function openPodman(folder: string, rootfs: string): Promise<RuntimeHome> {
  if (folder.length > LONGEST_FOLDER) throw new Error(`${folder} is too long a path for podman: set TMPDIR to a shorter one`)
  const env = await writeSettings(folder)
  const podman = async (...words: string[]): Promise<string> =>
    (await run('podman', words, { env: { ...process.env, ...env }, timeout: CALL_MS })).stdout
  const script = 'tar -C "$1" --owner=0 --group=0 -c . | podman import - "$2"'
  await run('sh', ['-c', script, 'sh', rootfs, IMAGE], { env: { ...process.env, ...env }, timeout: CALL_MS })
  return {
    runtime: 'podman',
    image: IMAGE,
    env,
    siteFlags: [],
    listContainers: async () => lines(await podman('ps', '--all', '--format', '{{.Names}}')),
    listEvents: async () =>
      lines(await podman('events', '--stream=false', '--filter', 'type=container', '--format', '{{.Name}} {{.Status}}')).map(line => {
        const [name = '', status = ''] = line.split(' ')
        return { name, status }
      }),
    async [Symbol.asyncDispose]() {
      await podman('rm', '--all', '--force', '--time', '0')
      await podman('rmi', '--all', '--force')
    },
  }
}

/** Podman under the name of docker, first on the PATH of the row's processes. */
async function openDocker(folder: string, rootfs: string): Promise<RuntimeHome> {
  const { stdout } = await run(DOCKER, ['--version'], { timeout: CALL_MS })
  if (!stdout.startsWith('podman'))
    throw new Error(`${DOCKER} is not that of Debian's podman-docker, whose containers are kept apart from yours`)
  const home = await openPodman(folder, rootfs)
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await symlink(DOCKER, join(bin, 'docker'))
  return { ...home, runtime: 'docker', env: { ...home.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` } }
}

/**
 * Settings with which podman runs in a plain machine or container, and a storage that works on every file system. Locks are files, too: those in
 * shared memory would be shared with all other containers of the machine.
 */
async function writeSettings(folder: string): Promise<Readonly<Record<string, string>>> {
  await mkdir(folder)
  const [settings, storage] = [join(folder, 'containers.conf'), join(folder, 'storage.conf')]
  await writeFile(
    settings,
    `[containers]
default_ulimits=["nofile=1024:1024","nproc=4096:4096"]

[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
events_logfile_path="${join(folder, 'events.log')}"
tmp_dir="${join(folder, 'libpod')}"
lock_type="file"
`,
  )
  await writeFile(storage, `[storage]\ndriver="vfs"\ngraphroot="${join(folder, 'storage')}"\nrunroot="${join(folder, 'run')}"\n`)
  return { CONTAINERS_CONF: settings, CONTAINERS_STORAGE_CONF: storage }
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean)
}
