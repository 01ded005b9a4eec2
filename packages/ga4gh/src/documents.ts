/**
 * The documents and errors that the GA4GH standards share, without anything that needs a network: pure code may import this door.
 */

export { ErrorBody, Problem } from './error-body.ts'
export { API_ERROR_CODES, ApiError, type ApiErrorCode, type ApiErrorDetails, codeOfStatus, type Delivery } from './errors.ts'
export { hideInProblem, hideTokens } from './hide-tokens.ts'
export { describeProblem, describeProblems, toSentence } from './problem.ts'
export { Service, ServiceType } from './service-info.ts'
