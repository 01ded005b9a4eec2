/**
 * The documents that the GA4GH standards share, without anything that needs a network: pure code may import this door.
 */
export { ErrorBody, Problem } from './error-body.ts'
export { describeProblems } from './problem.ts'
export { Service, ServiceType } from './service-info.ts'
