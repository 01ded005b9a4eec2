/**
 * The places that a project calls its own, under every name that they have: a bucket is served by https too.
 */
import { matchPrefix } from '@portolan/federation'
import type { ProjectFile } from './project-file.ts'
import { spellingsOf } from './s3-spellings.ts'
import type { ConfiguredLocation } from './types.ts'

/** Prefixes, each once; empty where the project says nothing of its own. */
export function ownPlaces({ results, uploads }: ProjectFile, locations: readonly ConfiguredLocation[]): readonly string[] {
  const declared = [results, uploads].filter(url => url !== undefined)
  const spelled = declared.flatMap(url => [
    url,
    ...locations.filter(({ location }) => isAt(url, location)).flatMap(({ server }) => spellingsOf(url, server.endpoint)),
  ])
  return [...new Set(spelled)]
}

function isAt(url: string, { prefixes }: ConfiguredLocation['location']): boolean {
  return (
    matchPrefix(
      url,
      prefixes.map(prefix => prefix.url),
    ) !== undefined
  )
}
