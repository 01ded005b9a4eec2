/**
 * The folder of a run that is searched: in it stands what the programs of the run have said and removed. Whoever starts the run gives `environment`
 * to all that it starts, and searches when all has ended.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepFolder } from './keep-folder.ts'
import { linkNeedles, needlesOf, tokenNeedles } from './needles.ts'
import { type Finding, type Place, watchRemains } from './remains.ts'
import { MARKER_VARIABLE, makeMarker } from './secrets.ts'

/** Names the folder where `in-program.ts` keeps what programs say and remove. */
export const KEPT_VARIABLE = 'PORTOLAN_TEST_KEPT'

/** For `NODE_OPTIONS`. */
export const WATCH_PROGRAM = `--import=${new URL('in-program.ts', import.meta.url).href}`

export interface RunFolder {
  readonly path: string
  readonly environment: Readonly<Record<string, string>>
  /** What is still there when all has ended; the folder is gone after it. */
  search(): { readonly findings: readonly Finding[]; readonly searched: Readonly<Record<Place, number>> }
}

export function makeRunFolder(): RunFolder {
  const path = mkdtempSync(join(tmpdir(), 'portolan-test-'))
  const marker = makeMarker()
  const kept = join(path, 'kept')
  mkdirSync(kept)
  return {
    path,
    environment: { [MARKER_VARIABLE]: marker, [KEPT_VARIABLE]: kept },
    search() {
      const watch = watchRemains([...needlesOf(marker), ...tokenNeedles(), ...linkNeedles()])
      keepFolder(path, 'what was left behind')
      const found = { findings: watch.findings(), searched: watch.searched() }
      watch.end()
      rmSync(path, { recursive: true, force: true })
      return found
    },
  }
}
