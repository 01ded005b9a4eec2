/**
 * What is done to the federation: everything is submitted, one task is cancelled, and one site is killed and started again.
 */
import type { Federation } from './federation.ts'
import type { DemoTask } from './tasks.ts'
import type { Watch } from './watch.ts'
import { LOST_SECONDS, SITE_FACTS, type SiteName } from './world.ts'

export interface Stage {
  readonly tasks: readonly DemoTask[]
  readonly watch: Watch
  readonly federation: Federation
  /** The site that is killed. */
  readonly victim: SiteName
  readonly step: (text: string) => void
  /** Where the task would go. */
  readonly preview: (task: DemoTask) => Promise<string>
  readonly submit: (task: DemoTask) => Promise<string>
  readonly cancel: (id: string) => Promise<void>
}

/** Resolves when every task has come to its end. */
export async function play({ tasks, watch, federation, victim, step, preview, submit, cancel }: Stage): Promise<void> {
  for (const task of tasks) step(`${task.name.padEnd(14)} would go to ${await preview(task)}`)
  step('that was asked without submitting anything (POST /portolan/v1/placements); now the tasks are submitted')

  const state = (name: string): string | undefined => watch.tasks.get(name)?.state
  for (const task of tasks.filter(({ pinned }) => !pinned)) watch.add(task.name, await submit(task))
  await watch.until('a decision about every task that may go to several sites', all =>
    [...all.values()].every(({ attempts, endedAt }) => attempts.length > 0 || endedAt !== undefined),
  )
  for (const task of tasks.filter(({ pinned }) => pinned)) watch.add(task.name, await submit(task))
  step(`all ${tasks.length} tasks are submitted`)

  await watch.until('the task that is to be cancelled to run', () => state('cancelled') === 'RUNNING')
  step('its user cancels the task "cancelled", which runs now')
  await cancel(watch.tasks.get('cancelled')?.id ?? '')
  const short = tasks.filter(task => task.pauseSeconds === 0).map(({ name }) => name)
  await watch.until(
    'the short tasks to end and the long ones to run',
    all => short.every(name => all.get(name)?.endedAt !== undefined) && state('rerunnable') === 'RUNNING' && state('patient') === 'RUNNING',
  )

  step(
    `KILLED: ${SITE_FACTS[victim].name}, by kill -9, while "rerunnable" and "patient" run there. Nobody tells the broker: its next question there ` +
      `finds nobody. After ${LOST_SECONDS} s of silence it may give up what is marked rerunnable, and nothing else`,
  )
  await federation.kill(victim)
  await watch.until('the rerunnable task to start elsewhere', all => (all.get('rerunnable')?.attempts.length ?? 0) > 1)
  step(`STARTED AGAIN: ${SITE_FACTS[victim].name}. It finds the work of "patient", which went on without it, and the broker finds its task`)
  await federation.restart(victim)
  await watch.until('every task to end', all => [...all.values()].every(({ endedAt }) => endedAt !== undefined))
}
