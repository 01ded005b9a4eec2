import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { freePorts } from '../../demo/src/free-ports.ts'

describe('Free ports', () => {
  it('are as many as are asked for, each another one, below those that a system gives out by itself', async () => {
    const ports = await freePorts(200)
    expect(new Set(ports).size).toBe(200)
    expect(Math.min(...ports)).toBeGreaterThan(1_023)
    expect(Math.max(...ports)).toBeLessThan(32_768)
  })

  it('can be listened on', async () => {
    const [port = 0] = await freePorts(1)
    await using server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    expect(server.address()).toMatchObject({ port })
  })
})
