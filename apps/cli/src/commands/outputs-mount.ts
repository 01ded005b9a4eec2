import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import * as z from 'zod/mini'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { describeFailure, describeLines, Failure } from '../failure.ts'
import { type NotMounted, planMounts } from '../mount/plan-mounts.ts'
import { showMounts, writeMounts } from '../mount/show-mounts.ts'
import { cleanText } from '../output/escape.ts'
import { readOutputs } from '../read-outputs.ts'
import type { Session } from '../session.ts'
import { Flag } from '../settings.ts'
import type { Run } from './command.ts'

const Options = z.object({ print: Flag, to: z.optional(z.string()) })
type Options = z.infer<typeof Options>
/** A task's id becomes the name of a folder and of a unit. */
const ID = /^[A-Za-z0-9][\w.-]*$/

export function makeMount(run: Run): Command {
  const command = new Command('mount')
    .description('Show how to mount what a task has left, with keys of your own.')
    .argument('<id>')
    .addOption(new Option('--print', 'lines for rclone and systemd; nothing is mounted'))
    .addOption(new Option('--to <folder>', 'where it is mounted (default: a folder here, named as the task)'))
    .action((id: string) => run(command, async session => await printMounts(session, id, Options.parse(command.opts()))))
  return command
}

async function printMounts(session: Session, id: string, { print, to = id }: Options): Promise<ExitCode> {
  if (!print) throw new Failure('The command mounts nothing by itself', { fix: 'Give --print for the lines that do.' })
  const { output } = session
  await using connection = await session.connect()
  const outputs = await readOutputs(connection.broker, id)
  if (outputs.length === 0) throw new Failure(`${id} has left nothing`, { exitCode: EXIT.notFound, fix: `See portolan get ${id}.` })
  if (!ID.test(id)) throw new Failure('The id of the task cannot be the name of a folder', { exitCode: EXIT.failed, fix: GET_THEM })
  const { mounts, left } = planMounts(outputs, (await connection.broker.listLocations()).locations)
  const shown = showMounts(id, mounts, resolve(session.cwd, to))
  const text = writeMounts(id, shown)
  if (cleanText(text) !== text) {
    throw new Failure('A folder has characters in its name that cannot be shown', { exitCode: EXIT.failed, fix: GET_THEM })
  }
  if (output.json) output.document({ mounts: shown })
  else if (shown.length > 0) output.printText(text)
  for (const one of left) {
    const failure = describeFailure(refuse(one))
    output.fail(describeLines(failure), { location: one.location, ...failure })
  }
  return left.length > 0 ? EXIT.failed : EXIT.done
}

const GET_THEM = 'portolan outputs get fetches what a task has left.'

function refuse({ location, why }: NotMounted): Failure {
  return new Failure(`${location} cannot be mounted: ${why}`, { exitCode: EXIT.failed, fix: GET_THEM })
}
