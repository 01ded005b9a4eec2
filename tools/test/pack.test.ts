/**
 * The packages as their users get them: packed, installed into an empty folder, run by plain Node and checked by a strict compiler.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import * as z from 'zod/mini'
import { packPackages } from '../src/pack.ts'
import { pnpmCommand } from '../src/pnpm.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const Workspace = z.object({ catalog: z.record(z.string(), z.string()) })

/** What the doors ./server and ./testing ask their users to bring. */
const PEERS = ['express', 'openapi-backend', 'yaml']

let folder: string
let user: string
let tarballs: Map<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-pack-'))
  tarballs = await packPackages(folder)
  user = join(folder, 'user')
  await mkdir(user)
  const { catalog } = Workspace.parse(parse(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8')))
  const ours = Object.fromEntries([...tarballs].map(([name, tarball]) => [name, `file:${tarball}`]))
  const peers = Object.fromEntries(PEERS.map(name => [name, catalog[name]]))
  await writeFile(join(user, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies: { ...ours, ...peers } }))
  await writeFile(join(user, 'pnpm-workspace.yaml'), stringify({ packages: [], overrides: ours }))
  const { command, args } = pnpmCommand(['install', '--prefer-offline', '--no-frozen-lockfile'])
  await run(command, args, { cwd: user })
}, 240_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

async function copyFixture(name: string): Promise<void> {
  await copyFile(join(import.meta.dirname, 'fixtures/pack', name), join(user, name))
}

describe('the packed packages', () => {
  it('are the public ones', () => {
    expect([...tarballs.keys()].sort()).toEqual(['@portolan/federation', '@portolan/ga4gh', '@portolan/tes'])
  })

  it.each(['@portolan/federation', '@portolan/ga4gh', '@portolan/tes'])('%s holds what was built and nothing else', async name => {
    const { stdout } = await run('tar', ['-tzf', tarballs.get(name) ?? ''])
    expect(
      stdout.split('\n').filter(path => path && !/^package\/(dist\/.+\.(js|d\.ts|yaml)|package\.json|LICENSE|README\.md)$/.test(path)),
    ).toEqual([])
    expect(stdout).not.toContain('.test.')
  })

  it('check tasks and serve a client on plain Node, without type stripping', async () => {
    await copyFixture('use.mjs')
    const { stdout } = await run(process.execPath, ['--no-strip-types', 'use.mjs'], { cwd: user })
    expect(JSON.parse(stdout)).toEqual({ task: { id: 'task-1', state: 'COMPLETE' }, refused: 400, problems: ['executors'], scheme: 's3' })
  })

  it('open every door on plain Node', async () => {
    const doors = ['@portolan/federation', '@portolan/ga4gh', ...['', '/client', '/server', '/testing'].map(door => `@portolan/tes${door}`)]
    const script = doors.map(door => `await import('${door}')`).join('\n')
    await expect(run(process.execPath, ['--no-strip-types', '--input-type=module', '--eval', script], { cwd: user })).resolves.toBeDefined()
  })

  it('carry types that a strict compiler takes', async () => {
    await copyFixture('use.ts')
    const settings = { compilerOptions: { strict: true, noEmit: true, module: 'nodenext', target: 'es2024', types: [] }, files: ['use.ts'] }
    await writeFile(join(user, 'tsconfig.json'), JSON.stringify(settings))
    const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', user]).catch((error: { stdout: string }) => error)
    expect(stdout).toBe('')
  })

  it('bring the contract for the server', async () => {
    const installed = join(user, 'node_modules/@portolan/tes/dist/openapi/tes-1.1.yaml')
    expect(await readFile(installed, 'utf8')).toBe(await readFile(join(root, 'openapi/tes-1.1.yaml'), 'utf8'))
  })
})
