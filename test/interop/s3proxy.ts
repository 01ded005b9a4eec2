/**
 * s3proxy: one jar, fetched by Maven, that keeps objects as files and checks every signature.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts } from '../../demo/src/free-ports.ts'
import { type S3Part, type S3Server, type ServerKey, startServer } from './s3-server.ts'
import { fetchS3proxy } from './s3proxy-jar.ts'

export const S3PROXY: S3Part = {
  name: 's3proxy',
  needs: [
    { program: 'java', package: 'openjdk-17-jre-headless' },
    { program: 'mvn', package: 'maven' },
  ],
  limitSeconds: 240,
  async start({ folder, signal }, key) {
    return await startS3proxy({ jar: await fetchS3proxy(folder, signal), folder, keys: [key] }, signal)
  },
}

export interface S3proxyOptions {
  readonly jar: string
  /** For its settings, its log, and the objects. */
  readonly folder: string
  /** Each opens all buckets. */
  readonly keys: readonly ServerKey[]
}

export async function startS3proxy({ jar, folder, keys }: S3proxyOptions, signal: AbortSignal): Promise<S3Server> {
  const [port = 0] = await freePorts(1)
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true })
  // A key stands in a file of its own, and all of them lead to the same objects.
  const settings: string[] = []
  for (const [number, key] of keys.entries()) {
    const file = join(folder, `s3proxy-${number}.conf`)
    await writeFile(file, settingsOf(port, data, key), { mode: 0o600 })
    settings.push(file)
  }
  const args = ['-Xmx256m', '-jar', jar, ...settings.flatMap(file => ['--properties', file])]
  return await startServer({ program: 'java', args, port, log: join(folder, 's3proxy.log') }, signal)
}

/** Without `s3proxy.virtual-host`: where that is set, buckets are looked for in host names only, and never found in a path. */
function settingsOf(port: number, data: string, { accessKey, secretKey }: ServerKey): string {
  return `${[
    's3proxy.authorization=aws-v2-or-v4',
    `s3proxy.endpoint=http://127.0.0.1:${port}`,
    `s3proxy.identity=${accessKey}`,
    `s3proxy.credential=${secretKey}`,
    'jclouds.provider=filesystem-nio2',
    `jclouds.filesystem.basedir=${data}`,
  ].join('\n')}\n`
}
