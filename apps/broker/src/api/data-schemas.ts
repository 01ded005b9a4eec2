/**
 * Outputs, links, uploads, live logs and events as zod schemas: one per component of `openapi/portolan-1.yaml`, which bears its name.
 */
import { TesState } from '@portolan/tes'
import * as z from 'zod/mini'

const time = z.string().check(z.meta({ format: 'date-time' }))
const bytes = z.int().check(z.nonnegative(), z.meta({ format: 'int64' }))
const link = z.string().check(z.meta({ format: 'uri' }))

export const Delivery = z.enum(['direct', 'relay', 'none'])

const Digest = z.object({ checksum: z.string(), type: z.string() })
export type Digest = z.infer<typeof Digest>

const Output = z.object({
  number: z.int(),
  url: z.string(),
  path: z.string(),
  bytes: z.optional(bytes),
  location: z.optional(z.string()),
  etag: z.optional(z.string()),
  checksums: z.optional(z.array(Digest)),
  modified_at: z.optional(time),
  drs: z.optional(z.string()),
  delivery: Delivery,
  why: z.optional(z.string()),
})
export type Output = z.infer<typeof Output>

export const OutputList = z.object({
  task: z.string(),
  state: TesState,
  measured: z.boolean(),
  outputs: z.array(Output),
  next_page_token: z.optional(z.string()),
})
export type OutputList = z.infer<typeof OutputList>

export const OutputLink = z.object({
  url: link,
  expires_at: time,
  relayed: z.boolean(),
  bytes,
  etag: z.optional(z.string()),
  checksums: z.optional(z.array(Digest)),
})
export type OutputLink = z.infer<typeof OutputLink>

export const NewUpload = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(1024)),
  bytes,
  project: z.optional(z.string()),
  replace: z.optional(z.boolean()),
})
export type NewUpload = z.infer<typeof NewUpload>

const UploadedPart = z.object({ number: z.int(), bytes, etag: z.string() })

export const Upload = z.object({
  id: z.string(),
  project: z.string(),
  url: z.string(),
  bytes,
  part_bytes: bytes,
  delivery: z.enum(['direct', 'relay']),
  parts: z.array(UploadedPart),
  expires_at: time,
})
export type Upload = z.infer<typeof Upload>

const ListedUpload = z.object({
  id: z.string(),
  project: z.string(),
  name: z.string(),
  url: z.string(),
  bytes,
  part_bytes: bytes,
  delivery: z.enum(['direct', 'relay']),
  replace: z.boolean(),
  begun_at: time,
  expires_at: time,
})
export type ListedUpload = z.infer<typeof ListedUpload>

export const UploadList = z.object({ uploads: z.array(ListedUpload), next_page_token: z.optional(z.string()) })
export type UploadList = z.infer<typeof UploadList>

export const NewPartLinks = z.strictObject({ parts: z.array(z.int()).check(z.minLength(1), z.maxLength(100)) })
export type NewPartLinks = z.infer<typeof NewPartLinks>

const PartLink = z.object({ number: z.int(), url: link, expires_at: time })

export const PartLinkList = z.object({ links: z.array(PartLink) })
export type PartLinkList = z.infer<typeof PartLinkList>

export const UploadedObject = z.object({
  url: z.string(),
  bytes,
  etag: z.optional(z.string()),
  checksums: z.optional(z.array(Digest)),
})
export type UploadedObject = z.infer<typeof UploadedObject>

const TextTail = z.object({ text: z.string(), from: z.int(), total: z.int() })

const ExecutorTail = z.object({ exit_code: z.optional(z.int()), stdout: z.optional(TextTail), stderr: z.optional(TextTail) })

export const LiveLog = z.object({
  task: z.string(),
  state: TesState,
  live: z.boolean(),
  seen_at: z.optional(time),
  executors: z.array(ExecutorTail),
  system_logs: z.array(z.string()),
  why: z.optional(z.string()),
})
export type LiveLog = z.infer<typeof LiveLog>

export const TaskEvent = z.object({
  number: z.int(),
  at: time,
  kind: z.string(),
  task: z.string(),
  state: TesState,
  attempt: z.optional(z.string()),
  site: z.optional(z.string()),
})
export type TaskEvent = z.infer<typeof TaskEvent>

export const TaskEventList = z.object({ events: z.array(TaskEvent), after: z.int() })
export type TaskEventList = z.infer<typeof TaskEventList>

export const DATA_SCHEMAS = {
  TaskState: TesState,
  Delivery,
  Digest,
  Output,
  OutputList,
  OutputLink,
  NewUpload,
  Upload,
  UploadedPart,
  ListedUpload,
  UploadList,
  NewPartLinks,
  PartLink,
  PartLinkList,
  UploadedObject,
  TextTail,
  ExecutorTail,
  LiveLog,
  TaskEvent,
  TaskEventList,
}
