/**
 * The runners of a site, in the order in which `auto` tries them: the most isolated first.
 */
import type { SiteOptions } from '../options.ts'
import { createBubblewrapRunner } from './bubblewrap.ts'
import { createContainerRunner } from './container.ts'
import { createProcessRunner } from './process.ts'
import type { Runner } from './runner.ts'

export function buildRunners(options: SiteOptions): Runner[] {
  const network = options.network ?? false
  const all = [
    createContainerRunner('podman', { network }),
    createContainerRunner('docker', { network }),
    createBubblewrapRunner({ network, rootfs: options.rootfs ?? {} }),
    createProcessRunner({ allowRoot: options.allowRoot ?? false }),
  ]
  return options.runner === 'auto' ? all : all.filter(({ name }) => name === options.runner)
}
