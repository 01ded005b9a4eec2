/**
 * nginx as operators put it before a site: it ends TLS, asks for a client certificate of one authority, and admits one name of it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { MadeCertificate } from '../../apps/broker/src/http/make-certificate.fixture.ts'
import { freePorts } from '../../demo/src/free-ports.ts'
import { findProgram } from './needs.ts'
import { until } from './runtime-site.ts'

export interface GateOptions {
  /** Its own folder; all that nginx writes lies there. */
  readonly folder: string
  readonly server: MadeCertificate
  /** The authority of client certificates, in PEM. */
  readonly authority: string
  /** The one name that is let in. */
  readonly admitted: string
  /** Origin of what stands behind it. */
  readonly behind: string
  readonly signal: AbortSignal
}

export interface Gate extends AsyncDisposable {
  readonly origin: string
}

/** Rejects if nginx ends before it listens. */
export async function startGate({ folder, server, authority, admitted, behind, signal }: GateOptions): Promise<Gate> {
  const [port = 0] = await freePorts(1)
  await mkdir(folder, { recursive: true })
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text, { mode: 0o600 })
  await write('server.crt', server.certificate)
  await write('server.key', server.key)
  await write('clients.crt', authority)
  await write('nginx.conf', settings(port, admitted, behind))
  const child = spawn(findProgram('nginx') ?? 'nginx', ['-p', `${folder}/`, '-e', 'error.log', '-c', 'nginx.conf'], { stdio: 'inherit' })
  const ended = new AbortController()
  const exit = once(child, 'exit').finally(() => ended.abort(new Error('nginx has ended')))
  await until(() => listens(port), AbortSignal.any([signal, ended.signal]))
  return {
    origin: `https://localhost:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exit
    },
  }
}

/** In RFC 2253 order, as nginx shows it. Its temporary folders stay in its own. */
function settings(port: number, admitted: string, behind: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `  ${name}_temp_path ${name}_temp;`)
  return `daemon off;
master_process off;
pid nginx.pid;
error_log error.log info;
events {}
http {
  access_log access.log;
${temporary.join('\n')}
  map $ssl_client_s_dn $admitted { default 0; "CN=${admitted}" 1; }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate server.crt;
    ssl_certificate_key server.key;
    ssl_client_certificate clients.crt;
    ssl_verify_client on;
    location / {
      if ($admitted = 0) { return 403; }
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_pass ${behind};
    }
  }
}
`
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
