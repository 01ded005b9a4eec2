/**
 * A site as its own process, as `pnpm site` starts it, so that a test can kill it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TesClient } from '@portolan/tes/client'
import { connect, TOKEN } from './start-site.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export interface SiteProcess {
  readonly url: string
  readonly client: TesClient
  /** Sends the signal and gives the exit code, or the signal that ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string>
}

export interface SiteProcessOptions {
  /** Default: berlin. */
  readonly id?: string | undefined
  /** Default: process, as root if need be. */
  readonly runner?: string | undefined
  readonly flags?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
}

export function spawnSite(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, SITE_TOKEN: TOKEN, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Starts a site with the work folder; its errors go to the test's own. */
export async function startSiteProcess(work: string, options: SiteProcessOptions = {}): Promise<SiteProcess> {
  const { id = 'berlin', runner = 'process', flags = [], env } = options
  const child = spawnSite(['--id', id, '--work', work, '--runner', runner, '--allow-root', '--token-ref', 'env:SITE_TOKEN', ...flags], env)
  child.stderr?.pipe(process.stderr)
  const url = await readUrl(child)
  return {
    url,
    client: connect(url),
    async end(signal) {
      const exit = once(child, 'exit')
      child.kill(signal)
      const [code, by]: unknown[] = await exit
      return typeof code === 'number' ? code : String(by)
    },
  }
}

async function readUrl(child: ChildProcess): Promise<string> {
  if (child.stdout) {
    for await (const line of createInterface(child.stdout)) {
      const [, url] = /^portolan site listening on (\S+)$/.exec(line) ?? []
      if (url) return url
    }
  }
  throw new Error('the site ended before it listened')
}
