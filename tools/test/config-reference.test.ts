import { readFileSync } from 'node:fs'
import { configJsonSchema } from '@portolan/broker/config'
import { expect, it } from 'vitest'
import { PAGE, renderReference } from '../src/config-reference.ts'

it('the reference page of the configuration is the one that its schema gives (write it: node tools/src/config-reference.ts)', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(renderReference(configJsonSchema()))
})
