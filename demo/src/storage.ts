/**
 * Where the data of the sites lies: in buckets of an S3 server where one can be had, else at the sites' own HTTP data servers.
 */
import { existsSync } from 'node:fs'
import { findProgram } from '../../test/interop/needs.ts'
import { KEPT_JAR } from '../../test/interop/s3proxy-jar.ts'

export type Storage =
  | { readonly kind: 'http' }
  /** `jar`: the path of s3proxy. */
  | { readonly kind: 's3'; readonly jar: string }

/** Throws, and says what to do, for a store that was asked for and cannot be had. */
export function chooseStorage({ DEMO_STORE: wanted = '', DEMO_S3PROXY_JAR: named = '' }: NodeJS.ProcessEnv): Storage {
  if (wanted === 'http') return { kind: 'http' }
  if (wanted !== '' && wanted !== 's3proxy') throw new Error(`DEMO_STORE is ${wanted}; write s3proxy or http, or leave it out.`)
  const jar = named === '' ? KEPT_JAR : named
  if (existsSync(jar) && findProgram('java')) return { kind: 's3', jar }
  if (wanted === '' && named === '') return { kind: 'http' }
  throw new Error(
    `There is no s3proxy: it needs java, and its jar at ${jar}. DEMO_S3PROXY_JAR names another; demo/README.md says how to get it.`,
  )
}

export function sayStorage({ kind }: Storage): string {
  return kind === 's3'
    ? 'Data and results lie in S3: each site has a bucket of a real S3 server (s3proxy).'
    : 'Data and results lie at HTTP data servers, one at each site; with java and s3proxy they lie in S3 (demo/README.md).'
}
