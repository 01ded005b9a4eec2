/**
 * Documents from files and standard input: JSON, YAML, several in one stream, or a list of them.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { Failure } from './failure.ts'
import type { Surroundings } from './session.ts'

export interface SourceDocument {
  /** The file, and which of its documents, if it has several: `tasks.yaml#2`. */
  readonly label: string
  readonly value: unknown
}

/** The name of standard input. */
export const STDIN = '-'

/** Every document of every file. A file that cannot be read or is none of the two is a `Failure`. */
export async function readDocuments(files: readonly string[], surroundings: Surroundings): Promise<readonly SourceDocument[]> {
  if (files.filter(file => file === STDIN).length > 1) {
    throw new Failure('Standard input is named twice', { fix: 'Give - once only.' })
  }
  const documents: SourceDocument[] = []
  for (const file of files) {
    const name = file === STDIN ? 'standard input' : file
    documents.push(...splitDocuments(name, await readText(file, surroundings)))
  }
  return documents
}

async function readText(file: string, { openStdin, cwd, signal }: Surroundings): Promise<string> {
  if (file === STDIN) {
    const chunks: Buffer[] = []
    for await (const chunk of openStdin()) chunks.push(Buffer.from(chunk))
    return Buffer.concat(chunks).toString()
  }
  try {
    return await readFile(resolve(cwd, file), { encoding: 'utf8', signal })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new Failure(`${file} cannot be read (${code})`, { fix: 'Name a file of JSON or YAML, or - for standard input.', cause: error })
  }
}

function splitDocuments(name: string, text: string): readonly SourceDocument[] {
  const values = parseText(name, text).flatMap(value => (Array.isArray(value) ? (value as unknown[]) : [value]))
  if (values.length === 0 || values.every(value => value === null)) {
    throw new Failure(`${name} is empty`, { fix: 'Write a task into it, as JSON or YAML.' })
  }
  return values.map((value, index) => ({ label: values.length === 1 ? name : `${name}#${index + 1}`, value }))
}

function parseText(name: string, text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)]
  } catch (error) {
    if (name.endsWith('.json')) throw unreadable(name, 'JSON', error)
  }
  const documents = [...parseAllDocuments(text)]
  const broken = documents.find(document => document.errors.length > 0)
  if (broken) throw unreadable(name, 'JSON or YAML', broken.errors[0])
  try {
    return documents.map((document): unknown => document.toJS())
  } catch (error) {
    throw unreadable(name, 'JSON or YAML', error)
  }
}

function unreadable(name: string, format: string, error: unknown): Failure {
  const [words = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return new Failure(`${name} is not ${format}: ${words.replace(/:$/, '')}`, { fix: 'Mend it there.', cause: error })
}
