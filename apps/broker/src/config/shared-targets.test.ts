import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { loadConfig } from '../config.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-targets-'))
})
afterAll(() => rm(folder, { recursive: true }))

type Fields = Readonly<Record<string, unknown>>

const AUTH = { mode: 'required', issuers: [{ issuer: 'https://login.example.org/', id: 'lab', name: 'Lab', clientId: 'portolan' }] }
const CANCER = { id: 'cancer', results: 's3://int/cancer/' }
const RARE = { id: 'rare' }
const SAYS =
  "lets tasks of the projects cancer, rare write to s3://int/, which is no project's own: a task may get what one of another project writes there meanwhile; set outputs: true for the results of each project alone"

async function warningsOf(prefixes: readonly Fields[], projects: readonly Fields[], auth: Fields = AUTH): Promise<readonly string[]> {
  const file = join(folder, 'portolan.yaml')
  const credential = { kind: 's3', accessKeyRef: 'env:KEY', secretKeyRef: 'env:SECRET' }
  const store = { id: 'int', country: 'DE', kind: 's3', endpoint: 'https://s3.example.org', credential, prefixes }
  await writeFile(file, stringify({ auth, locations: [store], projects }))
  const loaded = await loadConfig({ file, env: { KEY: makeSecret('key'), SECRET: makeSecret('secret') }, cwd: folder })
  expect(loaded.kind === 'problems' ? loaded.problems : []).toEqual([])
  return loaded.warnings.filter(({ path }) => path.endsWith('.outputs')).map(({ path, message }) => `${path} ${message}`)
}

const ALL = { url: 's3://int/' }
const OPEN = { ...ALL, outputs: true }

it.each([
  ['is named where several projects can write there', [OPEN], [CANCER, RARE], undefined, [`locations[0].prefixes[0].outputs ${SAYS}`]],
  [
    'is not named where it is the place of one project alone',
    [ALL, { url: 's3://int/cancer/', outputs: true }],
    [CANCER, RARE],
    undefined,
    [],
  ],
  ['is not named where it takes no outputs', [ALL], [CANCER, RARE], undefined, []],
  ['is not named where there is one project', [OPEN], [CANCER], undefined, []],
  ['is not named where all other projects are frozen', [OPEN], [CANCER, { ...RARE, frozen: true }], undefined, []],
  ['is not named where nobody logs in', [OPEN], [CANCER, RARE], { mode: 'open' }, []],
] as const)('a prefix for outputs %s', async (_, prefixes, projects, auth, expected) => {
  expect(await warningsOf(prefixes, projects, auth)).toEqual(expected)
})
