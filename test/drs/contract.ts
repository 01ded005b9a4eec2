/**
 * The DRS contract as validators: what a request must be, and what an answer must be.
 */
import { readFileSync } from 'node:fs'
import { type Document, OpenAPIRouter, OpenAPIValidator } from 'openapi-backend'
import { parse } from 'yaml'

export interface DrsRequest {
  readonly method: string
  /** With the query, below the base path. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body?: unknown
}

export interface DrsContract {
  /** The operation and the values in its path; undefined where the contract has no such route. */
  match(request: DrsRequest): { readonly operation: string; readonly params: Readonly<Record<string, string>> } | undefined
  /** What is wrong, in one line; undefined: nothing. */
  judgeRequest(request: DrsRequest, operation: string): string | undefined
  judgeAnswer(body: unknown, operation: string, status: number): string | undefined
}

const FORMATS = {
  uri: (text: string) => URL.canParse(text),
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
}

/** Bundles hold bundles; so deep they are judged. */
const LEVELS = 4

export function loadDrsContract(): DrsContract {
  const document: unknown = parse(readFileSync(new URL('../../openapi/drs-1.5.yaml', import.meta.url), 'utf8'))
  // openapi-backend asks for the type of an OpenAPI document; the parsed file is one, as the test of the contracts shows.
  const definition = resolve(document, document, []) as Document
  const router = new OpenAPIRouter({ definition, apiRoot: '/' })
  const validator = new OpenAPIValidator({
    definition,
    router,
    ajvOpts: { strict: false, allErrors: true, formats: FORMATS },
    lazyCompileValidators: false,
  })
  const asRequest = ({ method, path, headers, body }: DrsRequest) => ({ method, path, headers: { ...headers }, body })
  return {
    match(request) {
      const operation = router.matchOperation(asRequest(request))
      if (operation?.operationId === undefined) return undefined
      const { params } = router.parseRequest(asRequest(request), operation)
      return {
        operation: operation.operationId,
        params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
      }
    },
    judgeRequest: (request, operation) => sayFaults(validator.validateRequest(asRequest(request), operation).errors),
    judgeAnswer: (body, operation, status) => sayFaults(validator.validateResponse(body, operation, status).errors),
  }
}

function sayFaults(errors: readonly { readonly instancePath: string; readonly message?: string | undefined }[] | null | undefined) {
  if (errors === undefined || errors === null || errors.length === 0) return undefined
  return errors.map(({ instancePath, message = 'is wrong' }) => `${instancePath} ${message}`).join('; ')
}

/** Every `$ref` replaced by what it names. */
function resolve(value: unknown, root: unknown, within: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map(entry => resolve(entry, root, within))
  if (typeof value !== 'object' || value === null) return value
  if ('$ref' in value && typeof value.$ref === 'string') {
    const { $ref } = value
    if (within.filter(outer => outer === $ref).length >= LEVELS) return {}
    return resolve(find(root, $ref), root, [...within, $ref])
  }
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolve(entry, root, within)]))
}

function find(root: unknown, ref: string): unknown {
  return ref
    .replace(/^#\//, '')
    .split('/')
    .reduce((node: unknown, key) => {
      if (typeof node !== 'object' || node === null || !(key in node)) throw new Error(`The contract has no ${ref}`)
      return Reflect.get(node, key)
    }, root)
}
