import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AttemptList } from '@portolan/broker/portolan-schemas'
import { type Decision, explainDecision } from '@portolan/federation'
import { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { cleanDeep } from '../output/escape.ts'
import type { Line } from '../output/line.ts'
import { createTable } from '../output/table.ts'
import { STDIN } from '../read-documents.ts'
import { readTasks } from '../read-tasks.ts'
import type { Session } from '../session.ts'
import { showTime } from '../show-task.ts'
import { readTaskOptions, taskOptions } from '../task-options.ts'
import type { MakeCommand } from './command.ts'

const EXITS = { placed: EXIT.done, hold: EXIT.waits, refused: EXIT.refused } as const satisfies Record<Decision['outcome'], ExitCode>

export const makeExplain: MakeCommand = run => {
  const command = new Command('explain')
    .description('Say where a task runs and why, or where one would run that is not submitted.')
    .argument('<id|file>', 'a file that exists, or - for standard input; anything else is the id of a task')
    .action((subject: string) =>
      run(command, async session => {
        const { outcome } = isFile(subject, session.cwd) ? await explainFile(subject, command, session) : await explainId(subject, session)
        return EXITS[outcome]
      }),
    )
  for (const option of taskOptions()) command.addOption(option)
  return command
}

function isFile(subject: string, cwd: string): boolean {
  return subject === STDIN || /[/\\]|\.(json|ya?ml)$/i.test(subject) || existsSync(resolve(cwd, subject))
}

async function explainFile(file: string, command: Command, session: Session): Promise<Decision> {
  const [source, ...more] = await readTasks([file], readTaskOptions(command), session)
  if (source === undefined || more.length > 0) {
    throw new Failure(`${file} holds ${more.length + 1} tasks`, { fix: 'Give a file with one task.' })
  }
  await using connection = await session.connect()
  const decision = await connection.broker.explainTask(source.task)
  if (session.output.json) session.output.document({ decision })
  else session.output.print(decisionLines(decision))
  return decision
}

async function explainId(id: string, session: Session): Promise<Decision> {
  await using connection = await session.connect()
  const decision = await connection.broker.getPlacement(id)
  const { attempts } = await connection.broker.listAttempts(id)
  if (session.output.json) session.output.document({ decision, attempts })
  else session.output.print([...decisionLines(decision), ...attemptLines(attempts)])
  return decision
}

/** Cleaned before it is laid out, so that columns fit what is seen. */
function decisionLines(decision: Decision): readonly Line[] {
  return explainDecision(cleanDeep(decision) as Decision).map(line => [line])
}

function attemptLines(attempts: AttemptList['attempts']): readonly Line[] {
  if (attempts.length === 0) return []
  const rows = attempts.map(({ number, site, state, site_state, created_at, ended_at, end }): Line => {
    const how = end === undefined ? (site_state ?? '') : [end.outcome, end.detail].filter(Boolean).join(': ')
    return [`${number}`, site, state, showTime(created_at), showTime(ended_at), how]
  })
  return [[], ...createTable(['attempt', 'site', 'state', 'since', 'until', 'how']).add(rows)]
}
