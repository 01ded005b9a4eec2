/**
 * The command `site`: flags, signals and the exit code. 0: ended by a signal; 1: could not start; 2: the flags are wrong.
 */
import { parseFlags } from './flags.ts'
import { OptionsRefused } from './options.ts'
import { startSite } from './site.ts'
import { USAGE } from './usage.ts'

const args = process.argv.slice(2)

async function run(): Promise<void> {
  // Until it listens a signal ends the process as it ends any other; what tells a dead owner of the work folder from a living one copes with that.
  const site = await startSite(parseFlags(args, process.env))
  process.stdout.write(`portolan site listening on ${site.url}\n`)
  const end = () => {
    Promise.resolve(site[Symbol.asyncDispose]()).catch((error: unknown) => {
      process.stderr.write(`the site did not end well: ${messageOf(error)}\n`)
      process.exitCode = 1
    })
  }
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

if (args.includes('--help') || args.includes('-h')) process.stdout.write(USAGE)
else {
  await run().catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`)
    process.exitCode = error instanceof OptionsRefused ? 2 : 1
  })
}
