import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface Folder extends AsyncDisposable {
  readonly path: string
}

/** A folder with these files; it goes away with all that is in it. */
export async function makeFolder(files: Readonly<Record<string, string | object>> = {}): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'portolan-cli-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
