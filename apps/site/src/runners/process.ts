/**
 * Executors as plain processes of the site's own user: for a laptop, tests and machines without a container runtime. Nothing is isolated.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { normalise } from '../tasks/container-path.ts'
import { limitWords } from './limits.ts'
import { createRewriter, rewriteCommand } from './rewrite-paths.ts'
import type { Runner } from './runner.ts'

/** Why this user may not run plain processes; undefined if it may. */
export function refuseRoot(userId: number | undefined, allowRoot: boolean): string | undefined {
  const isRefused = userId === 0 && !allowRoot
  return isRefused ? 'plain processes are refused to root: start the site as another user, or give it --allow-root' : undefined
}

function warn(path: string): string {
  return `warning: a script mentions ${path}, which is not there for a plain process: pass it as a whole argument, after "=" or in env`
}

export function createProcessRunner(options: { readonly allowRoot: boolean }): Runner {
  return {
    name: 'process',
    promise: 'runtime: process, images ignored; nothing is isolated, and a daemon that detaches itself may escape a cancel',
    leavesProcesses: true,

    probe: () => Promise.resolve(refuseRoot(process.getuid?.(), options.allowRoot)),

    async build(step) {
      const { executor, root } = step
      const rewriter = createRewriter(root, step.mounts, executor.workdir)
      const { argv, mentioned } = rewriteCommand(executor, rewriter)
      const temporary = join(step.scratch, 'tmp')
      await mkdir(temporary, { recursive: true })
      const env: Record<string, string> = {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        HOME: temporary,
        TMPDIR: temporary,
        LANG: 'C.UTF-8',
      }
      for (const [key, value] of Object.entries(executor.env ?? {})) env[key] = rewriter.value(value)
      const cwd = executor.workdir === undefined ? root : join(root, normalise(executor.workdir))
      await mkdir(cwd, { recursive: true })
      const program = { path: argv[0] ?? '', name: executor.command[0] ?? '' }
      const command = { argv: [...limitWords(step.resources), ...argv], env, cwd, stdin: step.stdin, program }
      const inScripts = step.scripts.flatMap(rewriter.mentions)
      return { command, warnings: [...new Set([...mentioned, ...inScripts])].map(warn) }
    },

    conclude: () => Promise.resolve(undefined),
    // Its processes are all found by the site itself.
    end: () => Promise.resolve(),
  }
}
