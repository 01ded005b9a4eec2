/**
 * The documents of DRS 1.5 as zod schemas, one per component of `openapi/drs-1.5.yaml`. `DRS_SCHEMAS` lists them by the names of the standard.
 */
import * as z from 'zod/mini'
import { Service, ServiceType } from '../service-info.ts'

const strings = z.array(z.string())
/** A time as the server gives it: RFC 3339. */
const time = z.string().check(z.meta({ format: 'date-time' }))
const bytes = z.int().check(z.nonnegative(), z.meta({ format: 'int64' }))

const maxBulkRequestLength = z.int()

/** What a DRS server says beside the common description of a service. */
export const DrsService = z.object({
  type: z.object({ artifact: z.enum(['drs']) }),
  maxBulkRequestLength,
  drs: z.optional(z.object({ maxBulkRequestLength, objectCount: z.optional(z.int()), totalObjectSize: z.optional(z.int()) })),
})
export type DrsService = z.infer<typeof DrsService>

export const DrsError = z.object({ msg: z.optional(z.string()), status_code: z.optional(z.int()) })
export type DrsError = z.infer<typeof DrsError>

/** `checksum` is in hexadecimal digits; `type` is a name such as `sha-256`, `md5`, `crc32c` or `etag`. */
export const Checksum = z.object({ checksum: z.string(), type: z.string() })
export type Checksum = z.infer<typeof Checksum>

/** Whoever holds it may be able to fetch the bytes: a secret. */
export const AccessURL = z.object({ url: z.string(), headers: z.optional(strings) })
export type AccessURL = z.infer<typeof AccessURL>

export const Authorizations = z.object({
  drs_object_id: z.optional(z.string()),
  supported_types: z.optional(z.array(z.enum(['None', 'BasicAuth', 'BearerAuth', 'PassportAuth']))),
  passport_auth_issuers: z.optional(strings),
  bearer_auth_issuers: z.optional(strings),
})
export type Authorizations = z.infer<typeof Authorizations>

/** A way to the bytes: `access_url`, or `access_id` that an address is asked for with. A server may hand out new ids at every look. */
export const AccessMethod = z.object({
  type: z.enum(['s3', 'gs', 'ftp', 'gsiftp', 'globus', 'htsget', 'https', 'file']),
  access_url: z.optional(z.object(AccessURL.shape)),
  access_id: z.optional(z.string()),
  cloud: z.optional(z.string()),
  region: z.optional(z.string()),
  available: z.optional(z.boolean()),
  authorizations: z.optional(z.object(Authorizations.shape)),
})
export type AccessMethod = z.infer<typeof AccessMethod>

/** What a bundle holds. */
export const ContentsObject = z.object({
  name: z.string(),
  id: z.optional(z.string()),
  drs_uri: z.optional(strings),
  get contents(): z.ZodMiniOptional<z.ZodMiniArray<typeof ContentsObject>> {
    return z.optional(z.array(ContentsObject))
  },
})
export type ContentsObject = z.infer<typeof ContentsObject>

/** A file, or with `contents` a bundle. `size` in bytes. */
export const DrsObject = z.object({
  id: z.string(),
  name: z.optional(z.string()),
  self_uri: z.string(),
  size: bytes,
  created_time: time,
  updated_time: z.optional(time),
  version: z.optional(z.string()),
  mime_type: z.optional(z.string()),
  checksums: z.array(Checksum).check(z.minLength(1)),
  access_methods: z.optional(z.array(AccessMethod).check(z.minLength(1))),
  contents: z.optional(z.array(ContentsObject)),
  description: z.optional(z.string()),
  aliases: z.optional(strings),
})
export type DrsObject = z.infer<typeof DrsObject>

/** `requested` is how many ids the server has read: 0 where it does not know the key that they were sent by. */
export const BulkSummary = z.object({ requested: z.optional(z.int()), resolved: z.optional(z.int()), unresolved: z.optional(z.int()) })
export type BulkSummary = z.infer<typeof BulkSummary>

export const Unresolved = z.array(z.object({ error_code: z.optional(z.int()), object_ids: z.optional(strings) }))
export type Unresolved = z.infer<typeof Unresolved>

export const BulkObjectIdNoPassport = z.object({ bulk_object_ids: z.optional(strings) })
export type BulkObjectIdNoPassport = z.infer<typeof BulkObjectIdNoPassport>

export const BulkObjectId = z.object({ passports: z.optional(strings), bulk_object_ids: z.optional(strings) })
export type BulkObjectId = z.infer<typeof BulkObjectId>

export const BulkObjectAccessId = z.object({
  passports: z.optional(strings),
  bulk_object_access_ids: z.optional(z.array(z.object({ bulk_object_id: z.optional(z.string()), bulk_access_ids: z.optional(strings) }))),
})
export type BulkObjectAccessId = z.infer<typeof BulkObjectAccessId>

export const BulkAccessURL = z.object({
  drs_object_id: z.optional(z.string()),
  drs_access_id: z.optional(z.string()),
  url: z.string(),
  headers: z.optional(strings),
})
export type BulkAccessURL = z.infer<typeof BulkAccessURL>

export const DRS_SCHEMAS = {
  ServiceType,
  Service,
  DrsService,
  Error: DrsError,
  Checksum,
  AccessURL,
  Authorizations,
  AccessMethod,
  ContentsObject,
  DrsObject,
  BulkObjectId,
  summary: BulkSummary,
  unresolved: Unresolved,
  BulkObjectIdNoPassport,
  BulkObjectAccessId,
  BulkAccessURL,
}
