/**
 * Files that are whole or not there: written beside their place, synced, renamed.
 */
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes the text durably: after the promise settles a crash cannot take it back, and a reader never sees half of it. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const beside = `${path}.new`
  const file = await open(beside, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
  await syncDirectory(dirname(path))
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
