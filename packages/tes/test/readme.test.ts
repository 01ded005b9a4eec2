import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))

async function codeBlocksOf(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(match => match[1] ?? '')
}

it('every TypeScript block of the package pages compiles', async () => {
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'readme-'))
  try {
    const blocks = [...(await codeBlocksOf('packages/ga4gh/README.md')), ...(await codeBlocksOf('packages/tes/README.md'))]
    expect(blocks.length).toBeGreaterThan(6)
    await Promise.all(blocks.map((block, index) => writeFile(join(folder, `block-${index}.ts`), `${block}\nexport {}\n`)))
    const lib = ['esnext', 'dom', 'dom.iterable', 'dom.asynciterable']
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions: { lib, noUnusedLocals: false }, include: ['*.ts'], exclude: [] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { cwd: folder })
  } catch (error) {
    throw new Error(`The blocks do not compile: ${error instanceof Object && 'stdout' in error ? String(error.stdout) : String(error)}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 120_000)
