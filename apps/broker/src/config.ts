/**
 * The broker's configuration: one schema, read from a file, the folders it names, and the environment. All mistakes are reported together.
 */
import { BrokerFile } from './config/broker-file.ts'
import { type JsonSchema, toJsonSchema } from './config/schema-keys.ts'

export { awsHostsOf } from './config/aws-hosts.ts'
export type {
  ClientCertificate,
  Credential,
  LocationCredential,
  PersonalCredential,
  S3Credential,
  SiteCredential,
  TokenClient,
} from './config/credential-types.ts'
export { type EnvironmentName, environmentNames } from './config/environment.ts'
export { type LoadOptions, loadConfig } from './config/load.ts'
export { type ConfigProblem, type ConfigWarning, formatProblem, formatReport, formatWarning } from './config/problem.ts'
export { authoritiesOf } from './config/s3-spellings.ts'
export type { JsonSchema } from './config/schema-keys.ts'
export { Secret } from './config/secret.ts'
export type { Config, ConfigProblems, ConfiguredLocation, ConfiguredProject, ConfiguredSite, LocationServer } from './config/types.ts'

/** JSON Schema of the main file, sites, locations and projects included. */
export function configJsonSchema(): JsonSchema {
  return toJsonSchema(BrokerFile)
}
