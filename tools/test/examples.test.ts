/**
 * The code in the pages: every block of TypeScript in every README and page compiles, as strictly as the code of the project.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type Example, findExamples } from '../src/examples.ts'
import { listFiles } from '../src/tracked-files.ts'

const root = join(import.meta.dirname, '../..')

/** The compiler's complaints, by page and line; empty if there are none. Modules are found as from the root of the project. */
async function compile(examples: readonly Example[]): Promise<string> {
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'examples-'))
  try {
    await Promise.all(examples.map(({ file, code }) => writeFile(join(folder, file), code)))
    const compilerOptions = { lib: ['esnext', 'dom', 'dom.iterable', 'dom.asynciterable'], noUnusedLocals: false }
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const compiler = [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]
    return await new Promise(resolve => {
      execFile(process.execPath, compiler, { cwd: folder }, (error, said) => resolve(error ? said || error.message : ''))
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

it('every TypeScript block of every page compiles', async () => {
  const pages = listFiles(root).filter(file => file.endsWith('.md'))
  const texts = await Promise.all(pages.map(async page => [page, await readFile(join(root, page), 'utf8')] as const))
  const examples = texts.flatMap(([page, text]) => findExamples(page, text))
  expect(examples.filter(({ page }) => page === 'README.md')).not.toEqual([])
  expect(examples.length).toBeGreaterThan(9)
  expect(await compile(examples)).toBe('')
}, 120_000)

it('a block that does not compile is named by page and line', async () => {
  const page = 'First line.\n\n```ts\nconst text: string = 1\n```\n'
  expect(await compile(findExamples('docs/page.md', page))).toMatch(/^docs_page\.md-4\.ts\(4,7\): error TS2322/)
}, 120_000)
