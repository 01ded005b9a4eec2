/**
 * What is done to the federation: everything is submitted, one task is cancelled, and one site is killed and started again.
 */
import type { Federation } from './federation.ts'
import { type DemoTask, isFree } from './tasks.ts'
import type { Watch, Watched } from './watch.ts'
import { LOST_SECONDS, SITE_FACTS, VICTIM } from './world.ts'

export interface Stage {
  readonly tasks: readonly DemoTask[]
  readonly watch: Watch
  readonly federation: Federation
  readonly step: (text: string) => void
  /** Where the task would go. */
  readonly preview: (task: DemoTask) => Promise<string>
  readonly submit: (task: DemoTask) => Promise<string>
  readonly cancel: (task: Watched) => Promise<void>
}

/** Resolves when every task has come to its end. */
export async function play(stage: Stage): Promise<void> {
  const { tasks, watch, step, submit, cancel } = stage
  const opening = tasks.filter(({ duringOutage }) => !duringOutage)
  for (const task of opening) await tellPreview(stage, task)
  step('that was asked without submitting anything (POST /portolan/v1/placements); now the tasks are submitted')

  for (const task of opening.filter(isFree)) watch.add(task, await submit(task))
  await watch.until('a decision about every task that may go to several sites', all =>
    [...all.values()].every(({ attempts, endedAt }) => attempts.length > 0 || endedAt !== undefined),
  )
  for (const task of opening.filter(task => !isFree(task))) watch.add(task, await submit(task))
  step(`${opening.length} tasks are submitted`)

  const state = (name: string): string | undefined => watch.tasks.get(name)?.state
  await watch.until('the task that is to be cancelled to run', () => state('cancelled') === 'RUNNING')
  step('its user cancels the task "cancelled", which runs now')
  const changed = watch.tasks.get('cancelled')
  if (changed) await cancel(changed)
  const short = opening.filter(task => task.pauseSeconds === 0).map(({ name }) => name)
  await watch.until(
    'the short tasks to end and the long ones to run',
    all => short.every(name => all.get(name)?.endedAt !== undefined) && state('rerunnable') === 'RUNNING' && state('patient') === 'RUNNING',
  )
  await pullThePlug(stage)
  await watch.until('every task to end', all => [...all.values()].every(({ endedAt }) => endedAt !== undefined))
}

/** One site is killed; while it is down more is submitted; then it is started again. */
async function pullThePlug(stage: Stage): Promise<void> {
  const { tasks, watch, federation, step, submit } = stage
  const victim = SITE_FACTS[VICTIM].name
  step(
    `KILLED: ${victim}, by kill -9, while "rerunnable" and "patient" run there. Nobody tells the broker: its next question there finds nobody. ` +
      `After ${LOST_SECONDS} s of silence it may give up what is marked rerunnable, and nothing else`,
  )
  await federation.kill(VICTIM)
  await watch.until('the rerunnable task to start elsewhere', all => {
    const attempts = all.get('rerunnable')?.attempts ?? []
    return attempts.some(({ site }) => site !== VICTIM)
  })
  for (const task of tasks.filter(({ duringOutage }) => duringOutage)) {
    await tellPreview(stage, task)
    watch.add(task, await submit(task))
    step(`${task.name.padEnd(14)} is submitted all the same`)
    await watch.untilDecided(task.name)
  }
  step(`STARTED AGAIN: ${victim}. It finds the work of "patient", which went on without it, and the broker finds its task`)
  await federation.restart(VICTIM)
}

async function tellPreview({ step, preview }: Stage, task: DemoTask): Promise<void> {
  step(`${task.name.padEnd(14)} would go to ${await preview(task)}${task.duringOutage ? ' now' : ''}`)
}
