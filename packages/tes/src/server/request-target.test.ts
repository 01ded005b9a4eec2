import { expect, it } from 'vitest'
import { HttpProblem } from './http-problem.ts'
import { readTarget } from './request-target.ts'

const HOST = '127.0.0.1:8080'

it.each([
  { title: 'a path', url: '/tasks?view=FULL', hosts: [HOST], target: '/tasks?view=FULL' },
  { title: 'no host', url: '/tasks', hosts: [], target: '/tasks' },
  { title: 'an absolute form', url: `http://${HOST}/tasks?view=FULL`, hosts: [HOST], target: '/tasks?view=FULL' },
  { title: 'an absolute form in capitals', url: 'HTTP://LOCALHOST/tasks', hosts: ['localhost'], target: '/tasks' },
  { title: 'an absolute form without a path', url: `http://${HOST}?a`, hosts: [HOST], target: '/?a' },
  { title: 'the form of OPTIONS', url: '*', hosts: [HOST], target: '*' },
  { title: 'two hosts', url: '/tasks', hosts: [HOST, HOST], target: 400 },
  { title: 'an absolute form for another host', url: 'http://evil.example/tasks', hosts: [HOST], target: 400 },
  { title: 'an absolute form with a user name', url: `http://${HOST}@evil.example/tasks`, hosts: [HOST], target: 400 },
  { title: 'an absolute form without a host', url: `http://${HOST}/tasks`, hosts: [], target: 400 },
])('$title gives $target', ({ url, hosts, target }) => {
  const rawHeaders = ['Accept', '*/*', ...hosts.flatMap(host => ['hOst', host])]
  const read = readTarget({ url, rawHeaders, headers: { host: hosts[0] } })
  expect(read instanceof HttpProblem ? read.status : read).toBe(target)
})
