/**
 * What the broker is measured against: a bare Express handler with Express' defaults that answers the same bodies, and for a create stores a ready row.
 */
import { createServer } from 'node:http'
import process from 'node:process'
import express from 'express'
import { openBenchStore, rowOf } from './bench-store.ts'
import { CALLER } from './caller.ts'
import { listen, openBenchFolder } from './child.ts'

const store = await openBenchStore(openBenchFolder())
let bodies: { readonly minimal: object; readonly full: object } | undefined
process.on('message', (message: typeof bodies) => {
  bodies = message
  process.send?.('ready')
})
let count = 0
const app = express()
app.get('/ga4gh/tes/v1/tasks/:id', (req, res) => {
  res.json(req.query.view === 'FULL' ? bodies?.full : bodies?.minimal)
})
app.post('/ga4gh/tes/v1/tasks', express.json(), async (_req, res) => {
  const work = rowOf(`R${String(count++).padStart(25, '0')}`)
  await store.execute({ kind: 'create', principal: CALLER, work, now: 0 })
  res.json({ id: work.id })
})
listen(createServer(app))
