import { expect, it } from 'vitest'
import { badRequest, HttpProblem, toErrorBody } from './http-problem.ts'

const TOKEN = `portolan_pat_${'canary7f3a9c'.repeat(4)}x`

it.each([
  ['its detail', new HttpProblem(404, `There is nothing at GET /tasks/${TOKEN}.`)],
  ['a problem', badRequest([{ path: `tags.${TOKEN}`, message: `${TOKEN} is too long`, fix: `Shorten ${TOKEN}.` }])],
])('an error body repeats no token in %s', (_, problem) => {
  const text = JSON.stringify(toErrorBody(problem, 'r1'))
  expect(text).toContain('portolan_pat_[hidden]')
  expect(text).not.toContain('canary7f3a9c')
})
