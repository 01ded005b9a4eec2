/**
 * The door `./drs`: the Data Repository Service 1.5, its documents and a client for the servers that there are.
 */

export type { DrsLookup } from './bulk.ts'
export { createDrsClient, type DrsCallOptions, type DrsClient, type DrsClientOptions, type DrsObjectOptions } from './client.ts'
export * from './documents.ts'
export { type DrsUri, parseDrsUri } from './drs-uri.ts'
export type { ReadAccessMethod, ReadAccessUrl, ReadContents, ReadDrsObject, ReadDrsService } from './read-documents.ts'
