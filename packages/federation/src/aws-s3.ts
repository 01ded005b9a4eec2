/**
 * The servers of S3 at AWS. A bucket has one name in all of AWS and many addresses: by region, by access points with names of their own, by
 * private links. Not all of them can be listed, so an address that is not is never read as somebody else's data.
 */

const AWS = /(?:^|\.)(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws)$/
const S3_LABEL = /(?:^|\.)s3[a-z0-9-]*\./

/** True for every host, in lower case, that may be a server of S3 at AWS. */
export function isAwsS3(host: string): boolean {
  return AWS.test(host) && S3_LABEL.test(host)
}
