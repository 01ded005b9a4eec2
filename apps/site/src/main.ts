/**
 * The command `site`: flags, signals and the exit code. 0: ended by a signal; 1: could not start; 2: the flags are wrong.
 */
import { parseFlags } from './flags.ts'
import { OptionsRefused } from './options.ts'
import { startSite } from './site.ts'

try {
  const site = await startSite(parseFlags(process.argv.slice(2), process.env))
  process.stdout.write(`portolan site listening on ${site.url}\n`)
  const end = () => {
    Promise.resolve(site[Symbol.asyncDispose]()).catch((error: unknown) => {
      process.stderr.write(`the site did not end well: ${messageOf(error)}\n`)
      process.exitCode = 1
    })
  }
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = error instanceof OptionsRefused ? 2 : 1
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
