/**
 * A declared login in the shape that the broker works with.
 */
import type { IssuerFile } from './issuer-file.ts'
import type { Secret } from './secret.ts'
import type { ConfiguredIssuer } from './types.ts'

/** The host of an address as an id: the port behind a dash. */
export function hostName(address: string | undefined): string | undefined {
  return URL.parse(address ?? '')
    ?.host.replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
}

/** `siteAudiences`: for whom tokens of persons are exchanged; none of theirs counts here. */
export function convertIssuer(file: IssuerFile, clientSecret: Secret | undefined, siteAudiences: readonly string[]): ConfiguredIssuer {
  const { issuer, id, name, clientSecretRef: _, endpointOrigins, foreignAudiences, ...rest } = file
  const own = hostName(issuer) ?? issuer
  return {
    ...rest,
    issuer,
    id: id ?? own,
    name: name ?? own,
    ...(clientSecret && { clientSecret }),
    foreignAudiences: [...new Set([...foreignAudiences, ...siteAudiences])],
    origins: [...new Set([new URL(issuer).origin, ...endpointOrigins])],
  }
}
