/**
 * The hosts that one region of AWS S3 is reached at. A bucket has its name once in all of AWS, so each of them leads to the same bytes, and the rules of a
 * bucket hold at each. AWS has more (other regions, access points, private links): while data there is declared, placement admits none of those
 * (`isAwsS3` of the federation).
 */

/** Regional servers: s3.REGION, s3-REGION, s3.dualstack.REGION, s3-fips.REGION, s3-fips-REGION, s3-fips.dualstack.REGION. */
const REGIONAL = /^s3(?:-fips)?(?:\.dualstack)?[.-]([a-z]{2,4}(?:-[a-z]+)+-\d)\.(amazonaws\.(?:com(?:\.cn)?|eu))$/

/** All hosts of the region that `host` is a server of; undefined if it is none of one region's. */
export function awsHostsOf(host: string): readonly string[] | undefined {
  const [, region, domain] = REGIONAL.exec(host) ?? []
  if (region === undefined || domain === undefined) return undefined
  const regional = ['s3.', 's3-', 's3.dualstack.', 's3-fips.', 's3-fips-', 's3-fips.dualstack.', 's3-website.', 's3-website-']
  const global = ['s3', 's3-external-1', 's3-accelerate', 's3-accelerate.dualstack']
  return [...regional.map(prefix => `${prefix}${region}.${domain}`), ...global.map(name => `${name}.${domain}`)]
}
