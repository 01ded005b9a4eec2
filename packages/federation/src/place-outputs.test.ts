import type { TesTask } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import type { WorkId } from './ids.ts'
import { placeOutputs } from './place-outputs.ts'

const executors = [{ image: 'ubuntu', command: ['true'] }]
const taskOf = (...urls: string[]): TesTask => ({ executors, outputs: urls.map((url, at) => ({ url, path: `/out/${at}`, name: 'kept' })) })
const place = (results: string | undefined, ...urls: string[]) => placeOutputs(taskOf(...urls), results, 'w1' as WorkId)

describe('an output that is named without a place', () => {
  it('goes to a folder of the task below the results of its project; what has a place stays', () => {
    const { task, moved, problems } = place('s3://results/lab/', 'report.html', 's3://elsewhere/x', 'plots/all/', '/nfs/x', 'a b.txt')
    expect(task).toEqual(
      taskOf(
        's3://results/lab/w1/report.html',
        's3://elsewhere/x',
        's3://results/lab/w1/plots/all/',
        '/nfs/x',
        's3://results/lab/w1/a b.txt',
      ),
    )
    expect(moved).toEqual([
      { from: 'report.html', to: 's3://results/lab/w1/report.html' },
      { from: 'plots/all/', to: 's3://results/lab/w1/plots/all/' },
      { from: 'a b.txt', to: 's3://results/lab/w1/a b.txt' },
    ])
    expect(problems).toEqual([])
  })

  it('is escaped for a web server', () => {
    expect(place('https://data.example.org/lab/', 'größe #1?.txt').moved).toEqual([
      { from: 'größe #1?.txt', to: 'https://data.example.org/lab/w1/gr%C3%B6%C3%9Fe%20%231%3F.txt' },
    ])
  })

  it('is the very same task where every output has a place', () => {
    const task = taskOf('s3://elsewhere/x', 'https://data.example.org/x')
    expect(placeOutputs(task, 's3://results/', 'w1' as WorkId).task).toBe(task)
    const without = { executors }
    expect(placeOutputs(without, 's3://results/', 'w1' as WorkId).task).toBe(without)
  })

  it.each(['../other/x', 'a/../../x', './x', 'a//b', 'a\\b', 'a\0b', 'x%2e%2e', 'what?', 'a#b', '', '\ud800'])(
    'T03 is refused where it is no plain name: %j',
    name => {
      const { task, problems } = place('s3://results/lab/', 's3://elsewhere/x', name)
      expect(problems).toEqual([{ field: 'outputs[1].url', name, kind: 'malformed' }])
      expect(task.outputs?.[1]?.url).toBe(name)
    },
  )

  it.each(['../other/x', 'a/../../x', '%2e%2e/x'])('climbs nowhere on a web server either: %j', name => {
    const { moved } = place('https://data.example.org/lab/', name)
    for (const { to } of moved) expect(new URL(to).pathname.startsWith('/lab/w1/')).toBe(true)
  })

  it('has nowhere to go where the project says nothing of its results', () => {
    expect(place(undefined, 'report.html').problems).toEqual([{ field: 'outputs[0].url', name: 'report.html', kind: 'homeless' }])
  })
})
