/**
 * The shape of requests, judged by the validators that openapi-backend compiles from the contract, once, at start.
 */
import type { Problem } from '@portolan/ga4gh/documents'
import { type Document, OpenAPIValidator } from 'openapi-backend'
import { formatPath, type TesTask } from '../index.ts'
import type { Contract } from './contract.ts'

type Operation = 'CreateTask' | 'ListTasks' | 'GetTask'
type Judge = (request: object) => Problem[]

const MAX_PROBLEMS = 100
const MAX_DEPTH = 8
/** Bodies with longer lists are judged up to their first fault only: collecting a million faults costs more memory than the body. */
const MAX_ENTRIES_FOR_ALL_FAULTS = 10_000

export interface Validators {
  /** Faults of a body, empty if it is a task. */
  judgeTask(body: unknown): Problem[]
  isTask(body: unknown): body is TesTask
  /** Faults of a list query; numbers in it are turned from text. */
  judgeList: Judge
  judgeView: Judge
}

export function compileValidators(contract: Contract): Validators {
  const first = compile(contract, false)
  const all = compile(contract, true)
  const createTask = first('CreateTask')
  const isTask = (body: unknown): body is TesTask => createTask({ requestBody: body }).length === 0
  let everyFault: Judge | undefined
  return {
    isTask,
    judgeTask(body) {
      if (countEntries(body) > MAX_ENTRIES_FOR_ALL_FAULTS) return createTask({ requestBody: body })
      everyFault ??= all('CreateTask')
      return everyFault({ requestBody: body })
    },
    judgeList: all('ListTasks'),
    judgeView: all('GetTask'),
  }
}

function compile(contract: Contract, allErrors: boolean): (operation: Operation) => Judge {
  // openapi-backend asks for the type of an OpenAPI document; the parsed file is one, as the test of the contract shows.
  const validator = new OpenAPIValidator({
    definition: contract as unknown as Document,
    ajvOpts: { allErrors, strict: false },
    lazyCompileValidators: true,
  })
  return operation => {
    const validate = validator.getRequestValidatorsForOperation(operation)
    return request => {
      for (const one of validate) if (!one(request) && one.errors) return one.errors.slice(0, MAX_PROBLEMS).map(describeFault)
      return []
    }
  }
}

/** Entries on the levels that a task has; deeper ones are faults already. */
function countEntries(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return 0
  const entries: unknown[] = Array.isArray(value) ? value : Object.values(value)
  return entries.reduce<number>((sum, entry) => sum + 1 + countEntries(entry, depth + 1), 0)
}

interface Fault {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string | undefined
}

function describeFault({ keyword, instancePath, params, message }: Fault): Problem {
  const path = toPath(instancePath)
  switch (keyword) {
    case 'required': {
      const field = formatPath([...path, String(params.missingProperty)])
      return { path: field, message: 'The field is missing', fix: 'Give it.' }
    }
    case 'type':
      return { path: formatPath(path), message: 'The value has the wrong type', fix: `Write it as ${String(params.type)}.` }
    case 'enum': {
      const words = Array.isArray(params.allowedValues) ? params.allowedValues.join(', ') : ''
      return { path: formatPath(path), message: 'The word is not one of the standard', fix: `Write one of ${words}, in capitals.` }
    }
    case 'format':
      return { path: formatPath(path), message: 'The number is out of range', fix: `Write a value of format ${String(params.format)}.` }
    default:
      return { path: formatPath(path), message: `The value ${message ?? 'is not allowed'}`, fix: 'Write it as the standard describes.' }
  }
}

/** `/requestBody/executors/0/image` as the keys below the request's part. */
function toPath(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(2)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))
}
