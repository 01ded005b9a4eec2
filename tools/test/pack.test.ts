/**
 * The packages as their users get them: packed, installed into an empty folder, run by plain Node and checked by a strict compiler. One user
 * wants the client alone and brings nothing; the other writes a server in TypeScript, and brings what the page of the package asks for.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { createFakeSite } from '@portolan/tes/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import * as z from 'zod/mini'
import { findExamples } from '../src/examples.ts'
import { packPackages } from '../src/pack.ts'
import { pnpmCommand } from '../src/pnpm.ts'

const run = promisify(execFile)
/** What our own tests load into every Node is TypeScript, which a plain one does not run. */
const { NODE_OPTIONS: _ours, ...PLAIN } = process.env
const root = join(import.meta.dirname, '../..')
const Workspace = z.object({ catalog: z.record(z.string(), z.string()) })
const Packed = z.object({
  dependencies: z.record(z.string(), z.string()),
  peerDependencies: z.optional(z.record(z.string(), z.string())),
  peerDependenciesMeta: z.optional(z.record(z.string(), z.object({ optional: z.boolean() }))),
})

const PACKAGES = ['@portolan/federation', '@portolan/ga4gh', '@portolan/identity', '@portolan/tes']

/** What the door ./server asks its users to bring, with the types for a compiler. */
const PEERS = ['express', 'openapi-backend', 'yaml', '@types/express', '@types/node']

let folder: string
let tarballs: Map<string, string>
let left: readonly string[]
let clientUser: string
let serverUser: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-pack-'))
  tarballs = await packPackages(folder)
  left = await readdir(folder)
  clientUser = await install('client-user', [])
  serverUser = await install('server-user', PEERS)
}, 240_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Installs the packed packages, and beside them these others, into an empty folder. */
async function install(name: string, others: readonly string[]): Promise<string> {
  const user = join(folder, name)
  await mkdir(user)
  const { catalog } = Workspace.parse(parse(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8')))
  const ours = Object.fromEntries([...tarballs].map(([packed, tarball]) => [packed, `file:${tarball}`]))
  const brought = Object.fromEntries(others.map(other => [other, catalog[other]]))
  await writeFile(join(user, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies: { ...ours, ...brought } }))
  await writeFile(join(user, 'pnpm-workspace.yaml'), stringify({ packages: [], overrides: ours, autoInstallPeers: false }))
  const { command, args } = pnpmCommand(['install', '--prefer-offline', '--no-frozen-lockfile'])
  await run(command, args, { cwd: user })
  return user
}

async function readManifest(name: string): Promise<z.infer<typeof Packed>> {
  const { stdout } = await run('tar', ['-xzOf', tarballs.get(name) ?? '', 'package/package.json'])
  return Packed.parse(JSON.parse(stdout))
}

async function copyFixture(name: string, user: string): Promise<void> {
  await copyFile(join(import.meta.dirname, 'fixtures/pack', name), join(user, name))
}

/** The complaints of a strict compiler that reads the declarations of all packages too; empty if there are none. */
async function compile(files: readonly string[], user: string, types: readonly string[]): Promise<string> {
  const compilerOptions = { strict: true, skipLibCheck: false, noEmit: true, module: 'nodenext', target: 'esnext', types }
  await writeFile(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', user]).catch((error: { stdout: string }) => error)
  return stdout
}

describe('the packed packages', () => {
  it('are the public ones', () => {
    expect([...tarballs.keys()].sort()).toEqual(PACKAGES)
  })

  it('are all that is left of the packing', () => {
    expect(left.toSorted()).toEqual([...tarballs.values()].map(path => basename(path)).toSorted())
  })

  it.each(PACKAGES)('%s holds what was built and nothing else', async name => {
    const { stdout } = await run('tar', ['-tzf', tarballs.get(name) ?? ''])
    expect(
      stdout.split('\n').filter(path => path && !/^package\/(dist\/.+\.(js|d\.ts|yaml)|package\.json|LICENSE|README\.md)$/.test(path)),
    ).toEqual([])
    expect(stdout).not.toContain('.test.')
  })

  it.each(PACKAGES)('%s asks for ranges, so that its users keep one copy of each library', async name => {
    const { dependencies, peerDependencies = {} } = await readManifest(name)
    for (const range of Object.values({ ...dependencies, ...peerDependencies })) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/)
    expect(dependencies.zod ?? '^4').toMatch(/^\^4/)
  })

  it('ask nobody for what one door alone needs', async () => {
    const { peerDependencies = {}, peerDependenciesMeta = {} } = await readManifest('@portolan/tes')
    expect(Object.keys(peerDependencies).toSorted()).toEqual(['@types/express', 'express', 'openapi-backend', 'yaml'])
    expect(Object.keys(peerDependencies).filter(name => peerDependenciesMeta[name]?.optional !== true)).toEqual([])
  })

  it('check tasks and serve a client on plain Node, without type stripping', async () => {
    await copyFixture('use.mjs', serverUser)
    const { stdout } = await run(process.execPath, ['--no-strip-types', 'use.mjs'], { cwd: serverUser, env: PLAIN })
    expect(JSON.parse(stdout)).toEqual({ task: { id: 'task-1', state: 'COMPLETE' }, refused: 400, problems: ['executors'], scheme: 's3' })
  })

  const ALL = [...PACKAGES, '@portolan/tes/client', '@portolan/tes/testing']
  it.each([
    ['every door', () => serverUser, [...ALL, '@portolan/tes/server']],
    ['every door but that of the server, with nothing brought', () => clientUser, ALL],
  ])('open %s on plain Node', async (_, user, doors) => {
    const script = doors.map(door => `await import('${door}')`).join('\n')
    await expect(
      run(process.execPath, ['--no-strip-types', '--input-type=module', '--eval', script], { cwd: user(), env: PLAIN }),
    ).resolves.toBeDefined()
  })

  it('carry types that a strict compiler takes, for a client with nothing brought and without the types of Node', async () => {
    await copyFixture('use.ts', clientUser)
    expect(await compile(['use.ts'], clientUser, [])).toBe('')
  })

  it('carry types that a strict compiler takes, for a server and a fake site', async () => {
    await copyFixture('use-server.ts', serverUser)
    expect(await compile(['use-server.ts'], serverUser, ['node'])).toBe('')
  })

  it('carry pages whose examples compile with what was installed', async () => {
    const examples = await Promise.all(
      ['ga4gh', 'tes', 'federation', 'identity'].map(async name =>
        findExamples(name, await readFile(join(serverUser, 'node_modules/@portolan', name, 'README.md'), 'utf8')),
      ),
    )
    expect(examples.map(found => found.length > 0)).toEqual([true, true, true, true])
    for (const { file, code } of examples.flat()) await writeFile(join(serverUser, file), code)
    const files = examples.flat().map(({ file }) => file)
    expect(await compile(files, serverUser, ['node'])).toBe('')
  })

  it('run the ten lines of the first page against a plain TES server, with nothing brought', async () => {
    const [tenLines] = findExamples('README.md', await readFile(join(root, 'README.md'), 'utf8'))
    await using site = await createFakeSite()
    const lines = tenLines?.code.replace('http://127.0.0.1:8080/ga4gh/tes/v1', site.url) ?? ''
    await writeFile(join(clientUser, 'ten-lines.mjs'), lines)
    const { stdout } = await run(process.execPath, ['--no-strip-types', 'ten-lines.mjs'], { cwd: clientUser, env: PLAIN })
    expect(stdout).toMatch(/^COMPLETE /)
    expect([...site.tasks.values()].map(({ document }) => document.executors[0]?.command)).toEqual([['wc', '-l', '/in/reads.fq']])
  })

  it('bring the contract for the server', async () => {
    const installed = join(serverUser, 'node_modules/@portolan/tes/dist/openapi/tes-1.1.yaml')
    expect(await readFile(installed, 'utf8')).toBe(await readFile(join(root, 'openapi/tes-1.1.yaml'), 'utf8'))
  })
})
