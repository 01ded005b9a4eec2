import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { loadConfig } from '../config.ts'

it('the example of adding a site loads without a warning', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-example-'))
  try {
    const page = await readFile(join(import.meta.dirname, '../../docs/adding-a-site.md'), 'utf8')
    const examples = [...page.matchAll(/```yaml\n( *# (\S+)\n[\s\S]*?)```/g)]
    expect(examples.map(([, , name]) => name)).toEqual(['locations/charite-data.yaml', 'sites/charite.yaml', 'projects/spe4hd.yaml'])
    for (const [, text = '', name = ''] of examples) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    await writeFile(join(folder, 'portolan.yaml'), 'auth: {mode: open}\nsitesDir: sites\nlocationsDir: locations\nprojectsDir: projects\n')
    const env = { CHARITE_PASSWORD: makeSecret('a'), CHARITE_DATA_TOKEN: makeSecret('b') }
    const loaded = await loadConfig({ file: 'portolan.yaml', env, cwd: folder })
    expect(loaded).toMatchObject({ kind: 'config', warnings: [], sites: [{ site: { id: 'charite', open: false } }] })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

it('the example of required mode loads without a warning', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-example-'))
  try {
    const page = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')
    const [, text = ''] = /## Required mode[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page) ?? []
    await mkdir(join(folder, 'projects'))
    await writeFile(join(folder, 'portolan.yaml'), text)
    const loaded = await loadConfig({ file: 'portolan.yaml', env: { LSLOGIN_SECRET: makeSecret('a') }, cwd: folder })
    expect(loaded).toMatchObject({
      kind: 'config',
      warnings: [],
      auth: { mode: 'required', issuers: [{ id: 'lslogin', name: 'LS Login' }] },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
