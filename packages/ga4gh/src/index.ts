export { type AuthHeaders, type AuthProvider, type AuthRequest, anonymous, apiKey, basic, bearer, type Secret } from './auth.ts'
export { describeProblems, ErrorBody, Problem, Service, ServiceType } from './documents.ts'
export { API_ERROR_CODES, ApiError, type ApiErrorCode, type ApiErrorDetails, codeOfStatus, type Delivery } from './errors.ts'
export { type Page, type Paged, paginate } from './paging.ts'
export { describeRefusal, readText } from './response.ts'
export { mayPass, parseRetryAfter, pause } from './retry.ts'
export { secretsOf } from './secrets-of.ts'
export {
  createTransport,
  type Fetch,
  type Transport,
  type TransportOptions,
  type TransportRequest,
  type TransportResponse,
} from './transport.ts'
export { parseBaseUrl, pathSegment, type Query } from './url.ts'
