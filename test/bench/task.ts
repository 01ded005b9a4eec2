/**
 * The task that the bench sends, as a workflow engine would, and requests as bytes on the wire, each with a personal token.
 */
import { CREDENTIAL } from './caller.ts'

const document = {
  name: 'nf-align',
  tags: { run: 'bench', sample: 'a' },
  inputs: ['.command.sh', '.command.run', 'reads_1.fq.gz', 'reads_2.fq.gz'].map(name => ({
    name,
    url: `s3://bench-work/ab/cdef0123456789/${name}`,
    path: `/work/${name}`,
    type: 'FILE',
  })),
  outputs: ['.command.out', '.command.err', '.exitcode'].map(name => ({
    url: `s3://bench-work/ab/cdef0123456789/${name}`,
    path: `/work/${name}`,
  })),
  executors: [
    {
      image: 'quay.io/biocontainers/bowtie2:2.5.4',
      command: ['bash', '-o', 'pipefail', '-c', 'bash /work/.command.run 2>&1 | tee /work/.command.log'],
      workdir: '/work',
      env: { NXF_DEBUG: '0' },
    },
  ],
  resources: { cpu_cores: 4, ram_gb: 8, disk_gb: 20, backend_parameters_strict: false },
}
export const DOCUMENT_TEXT = JSON.stringify(document)
export const DOCUMENT_NAME = document.name
export const DOCUMENT_TAGS = document.tags

const TASKS = '/ga4gh/tes/v1/tasks'

/** The id of a stored task, here and at its site. */
export function runningId(number: number): string {
  return `L${String(number).padStart(25, '0')}`
}

/** `rest` follows the path of all tasks: an id, a query. */
export function getRequest(rest: string): string {
  return `GET ${TASKS}${rest} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${CREDENTIAL}\r\n\r\n`
}

export const POST_REQUEST = postOf(DOCUMENT_TEXT)

/** The task under another name, without files: any site may have it. */
export function postRequest(name: string): string {
  return postOf(JSON.stringify({ ...document, name, inputs: [], outputs: [] }))
}

function postOf(body: string): string {
  return `POST ${TASKS} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${CREDENTIAL}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
