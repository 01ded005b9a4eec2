import { describe, expect, it } from 'vitest'
import { followEvents, NoStream } from './follow-events.ts'
import type { OpenStream, StreamRequest } from './open-stream.ts'

const eventText = (number: number): string =>
  `id: ${number}\nevent: task\ndata: ${JSON.stringify({ number, at: '2026-01-01T00:00:00Z', kind: 'see', task: 't', state: 'RUNNING' })}\n\n`

const streamOf = (text: string): Response => new Response(text, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })

/** Answers in turn, then with the last for ever; keeps what it was asked. */
function serve(...answers: readonly (() => Response)[]): { readonly open: OpenStream; readonly asked: StreamRequest[] } {
  const asked: StreamRequest[] = []
  return {
    asked,
    async open(request) {
      asked.push(request)
      const answer = answers[Math.min(asked.length, answers.length) - 1]
      if (!answer) throw new Error('nothing is left to answer')
      return answer()
    },
  }
}

async function follow(open: OpenStream, task?: string) {
  const got: unknown[] = []
  const breaks: string[] = []
  const { signal } = new AbortController()
  const over = await (async () => {
    for await (const news of followEvents(open, { task, signal, retryMs: 1, onBreak: says => void breaks.push(says) })) {
      got.push(news === 'begun' ? news : news.number)
    }
  })().catch((error: unknown) => error)
  return { got, breaks, over }
}

describe('who follows events', () => {
  it('goes on after the last id where the stream breaks, and ends where nothing more will come', async () => {
    const { open, asked } = serve(
      () => streamOf(`retry: 1000\nid: 3\n\n${eventText(4)}`),
      () => streamOf(`${eventText(6)}:\nid: 9\n\n`),
      () => new Response(null, { status: 204 }),
    )
    const { got, breaks, over } = await follow(open, 'a/b')
    expect([got, over]).toEqual([['begun', 4, 6], undefined])
    expect(asked.map(({ path, lastId }) => [path, lastId])).toEqual([
      ['tasks/a%2Fb/events', undefined],
      ['tasks/a%2Fb/events', '4'],
      ['tasks/a%2Fb/events', '9'],
    ])
    expect(breaks).toEqual(['the server has ended it', 'the server has ended it'])
  })

  it('gives up after three breaks in a row, whatever breaks it', async () => {
    const { open, asked } = serve(
      () => new Response('busy', { status: 503 }),
      () => {
        throw new Error('no connection')
      },
      () => streamOf('event: task\ndata: {}\n\n'),
      () => streamOf(''),
    )
    const { got, breaks, over } = await follow(open)
    expect(over).toEqual(new NoStream('the server has ended it'))
    expect([got, asked.length]).toEqual([['begun'], 5])
    expect(breaks.slice(0, 2)).toEqual(['the server answers 503', 'no connection'])
  })

  it.each([
    ['a server without the route', () => new Response('{}', { status: 404 })],
    ['one that refuses', () => new Response('{}', { status: 401 })],
    ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ])('asks no second time: %s', async (_, answer) => {
    const { open, asked } = serve(answer)
    expect((await follow(open)).over).toBeInstanceOf(NoStream)
    expect(asked).toHaveLength(1)
  })

  it('ends with its signal', async () => {
    const over = new AbortController()
    const endless: OpenStream = async ({ signal }) =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode(eventText(1)))
            signal.addEventListener('abort', () => controller.error(signal.reason))
          },
        }),
        { headers: { 'content-type': 'text/event-stream' } },
      )
    const got: unknown[] = []
    for await (const news of followEvents(endless, { signal: over.signal })) {
      got.push(news)
      if (got.length === 2) over.abort()
    }
    expect(got).toHaveLength(2)
  })
})
