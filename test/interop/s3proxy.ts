/**
 * s3proxy: one jar, fetched by Maven, that keeps objects as files and checks every signature.
 */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '../../demo/src/free-ports.ts'
import { type S3Part, startServer } from './s3-server.ts'

const run = promisify(execFile)
const VERSION = '4.1.0'
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'

export const S3PROXY: S3Part = {
  name: 's3proxy',
  needs: [
    { program: 'java', package: 'openjdk-17-jre-headless' },
    { program: 'mvn', package: 'maven' },
  ],
  limitSeconds: 240,
  async start({ folder, signal }, { accessKey, secretKey }) {
    const artifact = `-Dartifact=org.gaul:s3proxy:${VERSION}:jar:jar-with-dependencies`
    await run('mvn', ['-q', '-B', COPY, artifact, `-DoutputDirectory=${folder}`], { signal })
    const [port = 0] = await freePorts(1)
    const data = join(folder, 'data')
    await mkdir(data)
    const settings = join(folder, 's3proxy.conf')
    // Without `s3proxy.virtual-host`: where that is set, buckets are looked for in host names only, and never found in a path.
    const lines = [
      's3proxy.authorization=aws-v2-or-v4',
      `s3proxy.endpoint=http://127.0.0.1:${port}`,
      `s3proxy.identity=${accessKey}`,
      `s3proxy.credential=${secretKey}`,
      'jclouds.provider=filesystem-nio2',
      `jclouds.filesystem.basedir=${data}`,
    ]
    await writeFile(settings, `${lines.join('\n')}\n`, { mode: 0o600 })
    const jar = join(folder, `s3proxy-${VERSION}-jar-with-dependencies.jar`)
    const args = ['-Xmx256m', '-jar', jar, '--properties', settings]
    return await startServer({ program: 'java', args, port, log: join(folder, 's3proxy.log') }, signal)
  },
}
