/**
 * versitygw: an S3 gateway over a folder of plain files, built here from its sources by Go.
 */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { freePorts } from '../../demo/src/free-ports.ts'
import { findProgram } from './needs.ts'
import { type S3Part, startServer } from './s3-server.ts'

const run = promisify(execFile)
const MODULE = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'

export const VERSITYGW: S3Part = {
  name: 'versitygw',
  needs: [{ program: 'go', package: 'golang-go' }],
  limitSeconds: 600,
  async start({ folder, signal, say }, { accessKey, secretKey }) {
    const [bin, data, iam, facts] = ['bin', 'data', 'iam', 'facts'].map(name => join(folder, name))
    if (bin === undefined || data === undefined || iam === undefined || facts === undefined) throw new Error('it has four folders')
    for (const path of [bin, data, iam, facts]) await mkdir(path)
    say('go install: this takes minutes where nothing of it was built before')
    const env = { ...process.env, GOBIN: bin, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -p=2' }
    await run(findProgram('go') ?? 'go', ['install', '-trimpath', '-ldflags=-s -w', MODULE], { env, signal, maxBuffer: 64 * 2 ** 20 })
    const [port = 0] = await freePorts(1)
    // What it knows of an object lies beside the objects, since not every file system takes attributes of users.
    const host = `s3.localhost:${port}`
    const args = ['--port', `127.0.0.1:${port}`, '--virtual-domain', host, '--iam-dir', iam, 'posix', '--sidecar', facts, data]
    const keys = { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey }
    const program = join(bin, 'versitygw')
    const server = await startServer({ program, args, env: keys, port, log: join(folder, 'versitygw.log') }, signal)
    return { ...server, virtualOrigin: `http://${host}` }
  },
}
