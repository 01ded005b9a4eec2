import { expect, it } from 'vitest'
import { describeProblem, describeProblems, toSentence } from './problem.ts'

it.each([
  { text: 'The header says "text/plain"', sentence: 'The header says "text/plain".' },
  { text: 'The header says "text/plain".', sentence: 'The header says "text/plain".' },
  { text: 'Really?', sentence: 'Really?' },
])('$text is the sentence $sentence', ({ text, sentence }) => {
  expect(toSentence(text)).toBe(sentence)
})

it('a problem is its field, what is wrong and what mends it, with one full stop between them', () => {
  const problems = [
    { path: 'name', message: 'It is no text.', fix: 'Send a text.' },
    { path: '', message: 'The body is empty', fix: 'Send a task.' },
  ]
  expect(problems.map(describeProblem)).toEqual(['name: It is no text. Send a text.', 'The body is empty. Send a task.'])
  expect(describeProblems(problems)).toBe('name: It is no text. Send a text. The body is empty. Send a task.')
})
