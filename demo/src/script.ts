/**
 * What is to be played, and what must come of it by the demo's own calculation. `judge.ts` compares it with what happened.
 */
import { type Deal, dealFiles } from './deal.ts'
import { candidates, type Sizes } from './expect.ts'
import { countBases, matchReads, readQuality } from './recompute.ts'
import { fileSizes, readData } from './setup.ts'
import { type DemoTask, demoTasks, resultHolder, type Tool } from './tasks.ts'
import type { Fetch, Flow } from './traffic.ts'
import { type FileName, type SiteName, VICTIM } from './world.ts'

export interface Script {
  readonly deal: Deal
  readonly sizes: Sizes
  readonly tasks: readonly DemoTask[]
}

/** The seed deals the files; without one they lie as usual. */
export function writeScript(seed: string | undefined): Script {
  const deal = dealFiles(seed)
  return { deal, sizes: fileSizes(), tasks: demoTasks(deal, VICTIM) }
}

/** Where the broker must say that a task would go, asked before it is submitted; undefined: nowhere now. */
export function expectedPreview(task: DemoTask, { deal, sizes }: Script): SiteName | undefined {
  return candidates(task, deal, sizes, task.duringOutage ? [VICTIM] : [])[0]?.site
}

/** The sites that a task must have been tried at, in order. */
export function expectedSites(task: DemoTask, { deal, sizes }: Script): readonly SiteName[] {
  const first = candidates(task, deal, sizes)[0]?.site
  if (!first) return []
  const second = task.rerunnable && first === VICTIM ? candidates(task, deal, sizes, [VICTIM])[0]?.site : undefined
  return second ? [first, second] : [first]
}

/** By tool and files: the same work comes up again and again. */
const results = new Map<string, string>()

/** What the task's result must be, recomputed from the same files. */
export function expectedResult({ tool, files }: DemoTask): string {
  const work = [tool, ...files].join(' ')
  const result = results.get(work) ?? recompute(tool, files)
  results.set(work, result)
  return result
}

function recompute(tool: Tool, files: readonly FileName[]): string {
  const [first = '', second = ''] = files.map(readData)
  switch (tool) {
    case 'count-bases':
      return countBases(first)
    case 'read-quality':
      return readQuality(first)
    case 'match-reads':
      return matchReads(first, second)
  }
}

/** What must have gone to the people: every result, from where it lies. */
export function expectedFetches({ deal, tasks }: Script): readonly Fetch[] {
  return tasks
    .filter(({ fate }) => fate === 'complete')
    .map(task => ({ task: task.name, from: resultHolder(task, deal), bytes: Buffer.byteLength(expectedResult(task)) }))
}

/** What must have flowed: every try of a task reads all its files, and the last one stores the result of a task that is to complete. */
export function expectedFlows(script: Script): readonly Flow[] {
  const { deal, sizes, tasks } = script
  return tasks.flatMap(task => {
    const sites = expectedSites(task, script)
    const inputs = sites.flatMap(to => task.files.map((name): Flow => ({ what: 'input', name, from: deal[name], to, bytes: sizes[name] })))
    const from = sites.at(-1)
    if (from === undefined || task.fate !== 'complete') return inputs
    const bytes = Buffer.byteLength(expectedResult(task))
    return [...inputs, { what: 'result', name: `${task.name}.tsv`, from, to: resultHolder(task, deal), bytes }]
  })
}
