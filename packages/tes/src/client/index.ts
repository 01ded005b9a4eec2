export { ApiError, anonymous, apiKey, basic, bearer, type Paged } from '@portolan/ga4gh'
export {
  type CallOptions,
  type CreateOptions,
  createTesClient,
  type GetOptions,
  type TesClient,
  type TesClientOptions,
} from './client.ts'
export { type Discovered, discover } from './discover.ts'
export type { ListFilter, ListOptions, PageOptions, TaskPage } from './list.ts'
export type { ReadBasic, ReadByView } from './views.ts'
export type { WaitOptions } from './wait.ts'
