/**
 * Reads the YAML files of the configuration.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { ConfigProblem } from './problem.ts'
import { parseSource, type Source } from './source.ts'

export interface FoundFile {
  readonly source: Source
  /** True where a `.cedar` file of the same name lies beside it. */
  readonly hasRules: boolean
}

function describeFailure(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

/** One file. */
export async function readSource(file: string): Promise<{ source?: Source; problems: ConfigProblem[] }> {
  try {
    return parseSource(file, await readFile(file, 'utf8'))
  } catch (error) {
    const problem = { file, path: '', message: `cannot be read (${describeFailure(error)})`, fix: 'check that it exists and is readable' }
    return { problems: [problem] }
  }
}

/** Every `.yaml` and `.yml` of a folder, in the order of their names. `problem` makes the mistake where the folder is named. */
export async function readFolder(
  folder: string,
  problem: (message: string, fix: string) => ConfigProblem,
): Promise<{ files: FoundFile[]; problems: ConfigProblem[] }> {
  let names: string[]
  try {
    names = (await readdir(folder)).sort((left, right) => (left < right ? -1 : 1))
  } catch (error) {
    return {
      files: [],
      problems: [
        problem(`names the folder ${folder}, which cannot be read (${describeFailure(error)})`, 'create it, or leave the key out'),
      ],
    }
  }
  const files: FoundFile[] = []
  const problems: ConfigProblem[] = []
  const stems = new Set<string>()
  for (const name of names.filter(one => /\.ya?ml$/.test(one) && !one.startsWith('.'))) {
    const stem = basename(name, extname(name))
    stems.add(stem)
    const read = await readSource(join(folder, name))
    problems.push(...read.problems)
    if (read.source) files.push({ source: read.source, hasRules: names.includes(`${stem}.cedar`) })
  }
  for (const name of names.filter(one => one.endsWith('.cedar') && !stems.has(basename(one, '.cedar')))) {
    const file = join(folder, name)
    problems.push({ file, path: '', message: 'has no YAML file of the same name beside it', fix: 'rename it after its site, or remove it' })
  }
  return { files, problems }
}
