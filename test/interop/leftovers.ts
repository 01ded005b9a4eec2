/**
 * Finds what a row has left running, by its folder: every process of a row has it in its arguments or in its environment.
 */
import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'

/** A process that is just going is no leftover. */
const GOING_MS = 5_000
const LOOK_MS = 100

interface Leftover {
  readonly pid: number
  readonly command: string
}

/** Waits a moment for processes that are on their way out, then kills what is left. Answers the command lines of what it had to kill. */
export async function endLeftovers(folder: string, goingMs = GOING_MS): Promise<readonly string[]> {
  for (const until = Date.now() + goingMs; Date.now() < until && findLeftovers(folder).length > 0; ) await delay(LOOK_MS)
  const left = findLeftovers(folder)
  for (const { pid } of left) kill(pid)
  for (const until = Date.now() + GOING_MS; Date.now() < until && findLeftovers(folder).length > 0; ) await delay(LOOK_MS)
  return left.map(({ command }) => command)
}

function findLeftovers(folder: string): readonly Leftover[] {
  return readdirSync('/proc')
    .filter(name => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
    .flatMap(name => {
      const command = read(`/proc/${name}/cmdline`)
      const isOurs = command.includes(folder) || read(`/proc/${name}/environ`).includes(folder)
      return isOurs ? [{ pid: Number(name), command: command.replaceAll('\0', ' ').trim() }] : []
    })
}

/** Empty for what has ended, and for what is not ours to read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended in between.
  }
}
