/** Staging that loses the second half of every file that it fetches, so that the site computes on the rest. */
import { stat, truncate } from 'node:fs/promises'
import { stageInput as honest, type StagingOptions } from '../../../apps/site/src/staging/stage-inputs.ts'
import type { TaskRoot } from '../../../apps/site/src/tasks/task-root.ts'
import type { TesFileType, TesInput } from '../../../packages/tes/src/index.ts'

export { bucketsOf, parseUrl } from '../../../apps/site/src/staging/stage-inputs.ts'

export async function stageInput(input: TesInput, root: TaskRoot, options: StagingOptions, signal: AbortSignal): Promise<TesFileType> {
  const type = await honest(input, root, options, signal)
  const file = root.hostPath(input.path)
  if (input.url !== undefined) await truncate(file, Math.floor((await stat(file)).size / 2))
  return type
}
