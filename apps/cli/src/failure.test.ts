import { ApiError } from '@portolan/ga4gh'
import { expect, it } from 'vitest'
import { describeFailure, describeLines, Failure } from './failure.ts'

const TOKEN = `portolan_rt_${'canary7f3a9c'.repeat(4)}x`

it.each([
  [
    'an error of its own',
    new Failure(`${TOKEN} is odd`, { fix: `Replace ${TOKEN}.`, problems: [{ path: TOKEN, message: TOKEN, fix: TOKEN }] }),
  ],
  [
    'an error of a server',
    new ApiError('unauthorized', `The server does not know ${TOKEN}`, { problems: [{ path: TOKEN, message: TOKEN, fix: TOKEN }] }),
  ],
  ['a surprise', new TypeError(`fetch failed for ${TOKEN}`)],
])('%s shows no token, neither as lines nor as JSON', (_, error) => {
  const described = describeFailure(error)
  const shown = describeLines(described).join('\n') + JSON.stringify(described)
  expect(shown).toContain('portolan_rt_[hidden]')
  expect(shown).not.toContain('canary7f3a9c')
})
