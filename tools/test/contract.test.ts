/**
 * The contracts agree with the standard and with the code. `SEED=n` repeats the random damage of a run.
 */
import { PORTOLAN_SCHEMAS } from '@portolan/broker/portolan-schemas'
import { ErrorBody, Problem, Service, ServiceType } from '@portolan/ga4gh'
import { DRS_SCHEMAS } from '@portolan/ga4gh/drs'
import * as tes from '@portolan/tes'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { schemaBones } from '../src/bones/schema.ts'
import { bonesOf } from '../src/bones.ts'
import { compareBones, type Difference, isDropped } from '../src/bones-differences.ts'
import { readText, readYaml, zodBones } from './contract.ts'
import { MUTATION_KINDS, mutate, randomFrom } from './mutate.ts'

const DeliberateDifferences = z.array(
  z.object({ at: z.string(), standard: z.optional(z.string()), ours: z.optional(z.string()), reason: z.string() }),
)

const deliberate = DeliberateDifferences.parse(readYaml('openapi/standard/tes-1.1.differences.yaml'))
const deliberateDifferences: Difference[] = deliberate.map(({ reason: _, ...difference }) => difference)
const standard: unknown = JSON.parse(readText('openapi/standard/tes-1.1.structure.json'))
const tesContract = readYaml('openapi/tes-1.1.yaml')
const drsStandard: unknown = JSON.parse(readText('openapi/standard/drs-1.5.structure.json'))
const drsContract = readYaml('openapi/drs-1.5.yaml')
const portolanContract = readYaml('openapi/portolan-1.yaml')
const portolanBones: unknown = JSON.parse(readText('openapi/portolan-1.structure.json'))

/**
 * Every schema of the standard's documents that the packages offer, by the name of its component. `TesView` is the type of a parameter and
 * compared there; the `Read…` schemas are for answers of servers that do not keep the contract.
 */
const tesSchemas: Record<string, z.core.$ZodType> = { Error: ErrorBody, Problem, Service, ServiceType }
for (const [name, value] of Object.entries(tes)) {
  if (value instanceof z.core.$ZodType && name.startsWith('Tes') && name !== 'TesView') tesSchemas[name.replace(/^Tes/, 'tes')] = value
}

function unexpectedFromStandard(contract: unknown): Difference[] {
  const found = compareBones(standard, bonesOf(contract))
  const key = (difference: Difference) => JSON.stringify([difference.at, difference.standard, difference.ours])
  const known = new Set(deliberateDifferences.map(key))
  const seen = new Set(found.map(key))
  return [
    ...found.filter(difference => !known.has(key(difference))),
    ...deliberateDifferences.filter(difference => !seen.has(key(difference))),
  ]
}

const Components = z.object({ components: z.object({ schemas: z.unknown() }) })

function differencesFromCode(contract: unknown, schemas: Record<string, z.core.$ZodType>): Difference[] {
  return compareBones(zodBones(schemas), schemaBones(Components.parse(contract).components.schemas))
}

/** A document that is so damaged that it has no bones is seen too. */
function seen(compare: () => Difference[]): Difference[] {
  try {
    return compare()
  } catch (error) {
    return [{ at: String(error) }]
  }
}

describe('the TES contract', () => {
  it('differs from the standard only where the committed list says so', () => {
    expect(unexpectedFromStandard(tesContract)).toEqual([])
  })

  it('differs at twelve places at most, each with a reason', () => {
    expect(deliberate.length).toBeLessThanOrEqual(12)
    expect(deliberate.filter(({ reason }) => reason.length < 8)).toEqual([])
  })

  it('drops no path, no field and no value of the standard', () => {
    expect(compareBones(standard, bonesOf(tesContract)).filter(isDropped)).toEqual([])
  })

  it('has one component for each schema of the code, and the other way round', () => {
    expect(differencesFromCode(tesContract, tesSchemas)).toEqual([])
  })

  it('knows the views that the code knows', () => {
    expect(bonesOf(tesContract).paths['/tasks/{id}']?.get?.parameters['query view']).toMatchObject(
      zodBones({ view: tes.TesView }).view ?? {},
    )
  })
})

describe('the DRS contract', () => {
  it('has the bones of the standard', () => {
    expect(compareBones(drsStandard, bonesOf(drsContract))).toEqual([])
  })

  it('has one component for each schema of the code, and the other way round', () => {
    expect(differencesFromCode(drsContract, DRS_SCHEMAS)).toEqual([])
  })
})

describe('the contract of our own routes', () => {
  it('has one component for each schema of the code, and the other way round', () => {
    expect(differencesFromCode(portolanContract, PORTOLAN_SCHEMAS)).toEqual([])
  })

  it('keeps paths, operations, parameters and answers as clients know them: `node tools/src/bones.ts openapi/portolan-1.yaml` writes them anew', () => {
    expect(compareBones(portolanBones, bonesOf(portolanContract))).toEqual([])
  })
})

describe.each(['openapi/tes-1.1.yaml', 'openapi/drs-1.5.yaml', 'openapi/portolan-1.yaml'])('every operation of %s', path => {
  const Scoped = z.object({
    paths: z.record(
      z.string(),
      z.record(z.string(), z.looseObject({ operationId: z.string(), 'x-scope': z.enum(['none', 'read', 'write', 'admin']) })),
    ),
  })

  it('names its scope', () => {
    expect(Scoped.safeParse(parse(readText(path))).error?.issues).toBeUndefined()
  })

  it('has a limit if it creates something, or costs as much, and else none', () => {
    const operations = Object.values(Scoped.parse(parse(readText(path))).paths).flatMap(item => Object.values(item))
    const limited = operations.filter(operation => 'x-limit' in operation)
    expect(limited).toEqual(operations.filter(({ operationId }) => /^Create|^ExplainPlacement$|AccessURL$/.test(operationId)))
    expect(limited.every(operation => operation['x-limit'] === 'create')).toBe(true)
  })

  it('refers to nothing outside', () => {
    expect(readText(path).match(/\$ref:\s*(?!['"]#\/)\S+/g)).toBeNull()
  })
})

describe('twenty random mutations', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

  beforeAll(() => {
    console.log(`mutations of the contracts: SEED=${seed}`)
  })

  it('of the TES contract are each seen', () => {
    const random = randomFrom(seed)
    for (let round = 0; round < 20; round++) {
      const { document, what } = mutate(tesContract, MUTATION_KINDS[round % 4] ?? 'type', random)
      const found = seen(() => [...unexpectedFromStandard(document), ...differencesFromCode(document, tesSchemas)])
      expect(found, `SEED=${seed}: ${what}`).not.toEqual([])
    }
  })

  it('of the DRS contract are each seen', () => {
    const random = randomFrom(seed + 2)
    for (let round = 0; round < 20; round++) {
      const { document, what } = mutate(drsContract, MUTATION_KINDS[round % 4] ?? 'type', random)
      const found = seen(() => [...compareBones(drsStandard, bonesOf(document)), ...differencesFromCode(document, DRS_SCHEMAS)])
      expect(found, `SEED=${seed}: ${what}`).not.toEqual([])
    }
  })

  it('of the contract of our own routes are each seen', () => {
    const random = randomFrom(seed + 1)
    for (let round = 0; round < 20; round++) {
      const { document, what } = mutate(portolanContract, MUTATION_KINDS[round % 4] ?? 'type', random)
      const found = seen(() => [...compareBones(portolanBones, bonesOf(document)), ...differencesFromCode(document, PORTOLAN_SCHEMAS)])
      expect(found, `SEED=${seed}: ${what}`).not.toEqual([])
    }
  })
})
