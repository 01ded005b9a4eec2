import type { Output } from '@portolan/broker/portolan-schemas'
import type { BrokerClient } from './broker-client.ts'
import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'

/** All that a task has left. Throws a `Failure` for one that has not ended. */
export async function readOutputs(broker: Pick<BrokerClient, 'listOutputs'>, id: string): Promise<readonly Output[]> {
  const all: Output[] = []
  for await (const { measured, state, outputs } of broker.listOutputs(id)) {
    if (!measured) {
      const fix = `portolan watch ${id} says when it ends.`
      throw new Failure(`${id} is ${state} and has no outputs yet`, { exitCode: EXIT.failed, fix })
    }
    all.push(...outputs)
  }
  return all
}
