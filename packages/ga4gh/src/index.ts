export { Service, ServiceType } from './service-info.ts'
