import { bearer, createTransport } from '@portolan/ga4gh'
import { expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { judgeFailure, judgeOffer } from './evidence.ts'

it('a credential that no header can carry proves that nothing was sent, and is the trouble', async () => {
  const transport = createTransport({ baseUrl: 'http://127.0.0.1:1', auth: bearer(makeSecret('one\ntwo')) })
  const error: unknown = await transport.request({ method: 'POST', path: 'tasks' }).catch((thrown: unknown) => thrown)
  expect(judgeOffer(error)).toMatchObject({ outcome: 'rejected', rejection: 'unsent', trouble: { kind: 'credential' } })
  expect(judgeFailure(error)).toMatchObject({ kind: 'auth', trouble: { kind: 'credential' } })
})
