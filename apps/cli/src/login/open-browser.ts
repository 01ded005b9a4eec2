/**
 * Shows a page in the browser of the person, where there is one.
 */
import { spawn } from 'node:child_process'

const PROGRAMS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'open', linux: 'xdg-open' }

/** Tries, and waits for nothing. The address goes to the program as it is, through no shell. */
export function openBrowser(url: string, env: NodeJS.ProcessEnv): void {
  const program = PROGRAMS[process.platform]
  if (program === undefined || (process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY)) return
  const child = spawn(program, [url], { stdio: 'ignore', detached: true, env })
  // Without the program the person opens the page by hand: the address stands on the screen.
  child.on('error', () => undefined)
  child.unref()
}
