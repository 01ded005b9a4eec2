/**
 * The broker as its users start it: a process of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { onTestFinished } from 'vitest'
import { keep } from '../../../test/leaks/remains.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

export interface SpawnedBroker {
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly out: string; readonly err: string }>
}

/** It is killed when the test is over. */
export function spawnBroker(...flags: string[]): SpawnedBroker {
  const child = spawn(process.execPath, [MAIN, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const text = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.err += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => {
    keep('log', 'a broker that was started as a program', text.out + text.err)
    return { code, signal, ...text }
  })
  return { child, ended }
}

/** Resolves with the URL when the broker listens. */
export async function listening({ child }: SpawnedBroker): Promise<URL> {
  for await (const chunk of child.stdout ?? []) {
    const [, url] = /^portolan listening on (\S+)$/m.exec(String(chunk)) ?? []
    if (url) return new URL(url)
  }
  throw new Error('the broker ended before it listened')
}
