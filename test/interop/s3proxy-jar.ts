/**
 * The jar of s3proxy: which it is, and how Maven brings it.
 */
import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const VERSION = '4.1.0'
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'
const NAME = `s3proxy-${VERSION}-jar-with-dependencies.jar`

/** Where Maven keeps what it has fetched before. */
export const KEPT_JAR = join(homedir(), '.m2/repository/org/gaul/s3proxy', VERSION, NAME)

/** Puts the jar into a folder and answers its path. */
export async function fetchS3proxy(folder: string, signal: AbortSignal): Promise<string> {
  const artifact = `-Dartifact=org.gaul:s3proxy:${VERSION}:jar:jar-with-dependencies`
  await run('mvn', ['-q', '-B', COPY, artifact, `-DoutputDirectory=${folder}`], { signal })
  return join(folder, NAME)
}
