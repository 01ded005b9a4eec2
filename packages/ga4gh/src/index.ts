export { ErrorBody, Problem } from './error-body.ts'
export { Service, ServiceType } from './service-info.ts'
