/**
 * What a test may tell a stand-in that runs, and the answers. Messages go between two processes, so both sides read them by a schema.
 */
import * as z from 'zod/mini'
import { Fault, Signature } from './faults.ts'

export const Command = z.discriminatedUnion('kind', [
  /** From now on these faults and no others. */
  z.strictObject({ kind: z.literal('faults'), faults: z.array(Fault) }),
  z.strictObject({ kind: z.literal('claims'), person: z.string(), claims: z.record(z.string(), z.unknown()) }),
  z.strictObject({ kind: z.literal('rotate'), overlap: z.boolean() }),
  z.strictObject({ kind: z.literal('revoke'), person: z.string() }),
  z.strictObject({ kind: z.literal('requests') }),
  z.strictObject({
    kind: z.literal('mint'),
    person: z.string(),
    client: z.string(),
    scopes: z.array(z.string()),
    ttlSeconds: z.int(),
    claims: z.record(z.string(), z.unknown()),
    signedWith: Signature,
  }),
])
export type Command = z.infer<typeof Command>

export const Order = z.strictObject({ number: z.int(), command: Command })
export const Reply = z.union([
  z.strictObject({ number: z.int(), answer: z.unknown() }),
  z.strictObject({ number: z.int(), problem: z.string() }),
])
export type Reply = z.infer<typeof Reply>
