/**
 * Builds the public packages and packs them, as they would be published: compiled JavaScript with declarations, the contract that a server
 * needs, the licence. Everything is made in a folder outside the tree, where the tarballs alone stay; the workspace itself never holds a build.
 *
 *     node tools/src/pack.ts FOLDER
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { parse, stringify } from 'yaml'
import * as z from 'zod/mini'
import { pnpmCommand } from './pnpm.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')

const Manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  private: z.optional(z.boolean()),
  exports: z.record(z.string(), z.unknown()),
  publishConfig: z.optional(z.object({ exports: z.record(z.string(), z.unknown()) })),
  dependencies: z.optional(z.record(z.string(), z.string())),
})
type Manifest = z.infer<typeof Manifest>

const Catalog = z.record(z.string(), z.string())
const Workspace = z.object({ catalog: Catalog, catalogs: z.record(z.string(), Catalog) })

interface Package {
  /** The folder's name below packages/. */
  folder: string
  manifest: Manifest
}

/** Contracts that a package carries in `dist/openapi`, by folder. */
const CONTRACTS: Readonly<Record<string, readonly string[]>> = { tes: ['tes-1.1.yaml'] }

/** Packs every public package into `folder`, which must be empty and outside the tree. Answers name → path of the tarball. */
export async function packPackages(folder: string): Promise<Map<string, string>> {
  const workspace = join(folder, 'workspace')
  try {
    return await packIn(workspace, folder)
  } finally {
    await rm(workspace, { recursive: true, force: true })
  }
}

async function packIn(workspace: string, destination: string): Promise<Map<string, string>> {
  const packages = inOrder(await readPackages())
  await mkdir(workspace, { recursive: true })
  const { catalog, catalogs } = Workspace.parse(parse(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8')))
  await writeFile(join(workspace, 'pnpm-workspace.yaml'), stringify({ packages: ['packages/*'], catalog, catalogs }))
  await symlink(join(root, 'node_modules'), join(workspace, 'node_modules'))
  for (const entry of packages) await build(entry, join(workspace, 'packages', entry.folder))
  const tarballs = new Map<string, string>()
  for (const entry of packages) tarballs.set(entry.manifest.name, await pack(entry, join(workspace, 'packages', entry.folder), destination))
  return tarballs
}

async function readPackages(): Promise<Package[]> {
  const folders = await readdir(join(root, 'packages'))
  const packages = await Promise.all(
    folders.map(async folder => ({
      folder,
      manifest: Manifest.parse(JSON.parse(await readFile(join(root, 'packages', folder, 'package.json'), 'utf8'))),
    })),
  )
  return packages.filter(entry => !entry.manifest.private)
}

/** Each package after those that it depends on. */
function inOrder(packages: readonly Package[]): Package[] {
  const ordered: Package[] = []
  const add = (entry: Package) => {
    for (const name of Object.keys(entry.manifest.dependencies ?? {})) {
      const needed = packages.find(other => other.manifest.name === name)
      if (needed) add(needed)
    }
    if (!ordered.includes(entry)) ordered.push(entry)
  }
  for (const entry of packages) add(entry)
  return ordered
}

async function build({ folder, manifest }: Package, target: string): Promise<void> {
  const source = join(root, 'packages', folder)
  await mkdir(target, { recursive: true })
  await cp(join(source, 'src'), join(target, 'src'), { recursive: true })
  await linkDependencies(source, target)
  // While it is built a package is entered by the doors that it will have once it is published.
  await writeManifest(target, { ...manifest, exports: manifest.publishConfig?.exports ?? manifest.exports })
  const own = join(source, 'tsconfig.json')
  const settings = {
    extends: existsSync(own) ? own : join(root, 'tsconfig.json'),
    compilerOptions: { noEmit: false, declaration: true, rewriteRelativeImportExtensions: true, rootDir: 'src', outDir: 'dist' },
    include: ['src'],
    exclude: ['**/*.test.ts'],
  }
  await writeFile(join(target, 'tsconfig.json'), JSON.stringify(settings))
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', target]).catch((error: { stdout?: string }) => {
    throw new Error(`${manifest.name} cannot be built:\n${error.stdout ?? ''}`, { cause: error })
  })
  for (const name of CONTRACTS[folder] ?? []) {
    await mkdir(join(target, 'dist/openapi'), { recursive: true })
    await copyFile(join(root, 'openapi', name), join(target, 'dist/openapi', name))
  }
}

/** Foreign packages come from the workspace, our own from the builds made before. */
async function linkDependencies(source: string, target: string): Promise<void> {
  const modules = join(source, 'node_modules')
  if (!existsSync(modules)) return
  for (const name of await readdir(modules)) {
    if (name.startsWith('.')) continue
    const names = name.startsWith('@') ? (await readdir(join(modules, name))).map(part => `${name}/${part}`) : [name]
    for (const each of names) {
      const built = join(target, '..', each.replace('@portolan/', ''))
      await mkdir(dirname(join(target, 'node_modules', each)), { recursive: true })
      await symlink(each.startsWith('@portolan/') ? built : join(modules, each), join(target, 'node_modules', each))
    }
  }
}

async function pack({ folder, manifest }: Package, target: string, destination: string): Promise<string> {
  await writeManifest(target, manifest)
  await copyFile(join(root, 'LICENSE'), join(target, 'LICENSE'))
  const readme = join(root, 'packages', folder, 'README.md')
  if (existsSync(readme)) await copyFile(readme, join(target, 'README.md'))
  const { command, args } = pnpmCommand(['pack', '--pack-destination', destination])
  await run(command, args, { cwd: target })
  return join(destination, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`)
}

function writeManifest(target: string, manifest: Manifest): Promise<void> {
  return writeFile(join(target, 'package.json'), JSON.stringify(manifest, null, 2))
}

if (import.meta.main) {
  const folder = process.argv[2]
  if (folder === undefined) throw new Error('Name an empty folder outside the tree: node tools/src/pack.ts FOLDER')
  for (const [name, tarball] of await packPackages(resolve(folder))) console.log(`${name}  ${tarball}`)
}
