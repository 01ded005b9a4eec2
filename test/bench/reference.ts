/**
 * What the broker is measured against: a bare Express handler with Express' defaults that answers the same bodies, and for a create stores a ready row.
 */
import type { WorkId } from '@portolan/federation'
import express from 'express'
import { LOCAL, LOCAL_PROJECT, openBenchStore } from './bench-store.ts'

const store = await openBenchStore()
const bodies: Record<string, object> = {}
process.on('message', (given: Record<string, object>) => Object.assign(bodies, given))
let count = 0
const app = express()
app.get('/ga4gh/tes/v1/tasks/:id', (req, res) => {
  res.json(req.query.view === 'FULL' ? bodies.FULL : bodies.MINIMAL)
})
app.post('/ga4gh/tes/v1/tasks', express.json(), async (_req, res) => {
  const id = `R${String(count++).padStart(25, '0')}` as WorkId
  const row = {
    id,
    kind: 'task',
    project: LOCAL_PROJECT.id,
    visibility: 'owner',
    name: 'a',
    tags: {},
    createdAt: 0,
    rerunnable: false,
  } as const
  await store.execute({ kind: 'create', principal: LOCAL, work: { ...row, documentText: JSON.stringify(bodies.document) }, now: 0 })
  res.json({ id })
})
const server = app.listen(0, '127.0.0.1', () => process.send?.(server.address()))
