/**
 * What the broker is measured against: a bare Express handler with Express' defaults that answers the same bodies, and for a create stores a ready row.
 */
import type { WorkId } from '@portolan/federation'
import express from 'express'
import type { NewWork } from '../../apps/broker/src/stores/store.ts'
import { LOCAL, openBenchStore } from './bench-store.ts'

const store = await openBenchStore()
let given: { minimal: object; full: object; row: NewWork } | undefined
process.on('message', (message: typeof given) => {
  given = message
})
let count = 0
const app = express()
app.get('/ga4gh/tes/v1/tasks/:id', (req, res) => {
  res.json(req.query.view === 'FULL' ? given?.full : given?.minimal)
})
app.post('/ga4gh/tes/v1/tasks', express.json(), async (_req, res) => {
  const id = `R${String(count++).padStart(25, '0')}` as WorkId
  if (given) await store.execute({ kind: 'create', principal: LOCAL, work: { ...given.row, id }, now: 0 })
  res.json({ id })
})
const server = app.listen(0, '127.0.0.1', () => process.send?.(server.address()))
