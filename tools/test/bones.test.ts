/**
 * What a schema looks like without its prose, and how two such skeletons part.
 */
import { describe, expect, it } from 'vitest'
import { schemaBones } from '../src/bones/schema.ts'
import { bonesOf } from '../src/bones.ts'
import { compareBones, isDropped } from '../src/bones-differences.ts'

describe('the bones of a schema', () => {
  it.each([
    ['a text', { type: 'string', description: 'prose', example: 'x', default: 'y' }, { type: 'string' }],
    ['a small integer', { type: 'integer', format: 'int32' }, { type: 'integer(int32)' }],
    ['a small integer by its bounds', { type: 'integer', minimum: -2147483648, maximum: 2147483647 }, { type: 'integer(int32)' }],
    ['a format that says nothing of its type', { type: 'boolean', format: 'boolean' }, { type: 'boolean' }],
    ['a reference', { $ref: '#/components/schemas/part' }, { type: 'part' }],
    ['a list of named things', { type: 'array', items: { $ref: 'part' } }, { type: 'array of part' }],
    [
      'a list of choices',
      { type: 'array', items: { anyOf: [{ $ref: 'part' }, { type: 'string' }] } },
      { type: 'array of (part | string)' },
    ],
    ['a map', { type: 'object', additionalProperties: { type: 'string' } }, { type: 'map of string' }],
    ['values, in any order', { type: 'string', enum: ['b', 'a'] }, { type: 'string', enum: ['a', 'b'] }],
    ['what may be null, as OpenAPI writes it', { type: 'string', nullable: true }, { type: 'string | null' }],
    ['what may be null, as JSON Schema writes it', { type: ['string', 'null'] }, { type: 'string | null' }],
    ['a choice with null', { anyOf: [{ type: 'string' }, { type: 'null' }] }, { type: 'string | null' }],
    [
      'a choice of which one has no name',
      { oneOf: [{ $ref: 'part' }, { type: 'object', properties: { b: { type: 'integer' } } }] },
      { type: 'part | object', choices: [{ type: 'part' }, { type: 'object', fields: { b: { type: 'integer' } }, required: [] }] },
    ],
    [
      'parts that are merged',
      { allOf: [{ $ref: 'part' }, { type: 'object', required: ['b'], properties: { b: { type: 'integer' } } }] },
      { type: 'object', fields: { a: { type: 'string' }, b: { type: 'integer' } }, required: ['a', 'b'] },
    ],
  ])('%s', (_, schema, expected) => {
    const part = { type: 'object', required: ['a'], properties: { a: { type: 'string' } } }
    expect(schemaBones({ part, schema }).schema).toEqual(expected)
  })
})

describe('the bones of an operation', () => {
  it('are its parameters, body and answers', () => {
    const document = {
      paths: {
        '/things/{id}': {
          put: {
            operationId: 'PutThing',
            description: 'prose',
            parameters: [{ $ref: '#/components/parameters/id' }],
            requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/thing' } } } },
            responses: { 204: { description: 'done' }, default: { $ref: '#/components/responses/Error' } },
          },
        },
      },
      components: {
        parameters: { id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } },
        responses: { Error: { content: { 'text/plain': { schema: { type: 'string' } } } } },
        schemas: { thing: { type: 'object' } },
      },
    }
    expect(bonesOf(document).paths['/things/{id}']?.put).toEqual({
      operationId: 'PutThing',
      parameters: { 'path id': { type: 'string', presence: 'required' } },
      body: { presence: 'required', content: { 'application/json': { type: 'thing' } } },
      responses: { 204: {}, default: { 'text/plain': { type: 'string' } } },
    })
  })
})

describe('two sets of bones', () => {
  const standard = {
    task: { type: 'object', fields: { id: { type: 'string' } }, required: ['id'] },
    state: { type: 'string', enum: ['A', 'B'] },
  }

  it.each([
    ['part at the highest place', { state: standard.state }, [{ at: 'task', standard: 'object' }], true],
    [
      'tell what stands on both sides',
      { ...standard, state: { type: 'integer', enum: ['A', 'B'] } },
      [{ at: 'state.type', standard: 'string', ours: 'integer' }],
      false,
    ],
    ['count each value', { ...standard, state: { type: 'string', enum: ['A'] } }, [{ at: 'state.enum.B', standard: 'listed' }], true],
    [
      'drop nothing by asking for less',
      { ...standard, task: { ...standard.task, required: [] } },
      [{ at: 'task.required.id', standard: 'listed' }],
      false,
    ],
    ['drop nothing by having more', { ...standard, error: { type: 'object' } }, [{ at: 'error', ours: 'object' }], false],
  ])('%s', (_, ours, expected, drops) => {
    const differences = compareBones(standard, ours)
    expect(differences).toEqual(expected)
    expect(differences.some(isDropped)).toBe(drops)
  })
})
