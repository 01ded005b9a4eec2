/**
 * The credentials that an operator can declare, for sites and for locations. Secrets stand behind references only.
 */
import * as z from 'zod'
import { HttpUrl, SecretRef, Username } from './fields.ts'

const certificateKeys = {
  certRef: SecretRef.describe('Where the client certificate is, in PEM, with those between it and its authority.'),
  keyRef: SecretRef.describe('Where its private key is, in PEM.'),
  passphraseRef: SecretRef.optional().describe('Where the passphrase of the key is.'),
  caRef: SecretRef.optional().describe(
    'Where the certificates of the authorities are whose server certificates count there, in PEM. Default: those of the system.',
  ),
}
export const CertificateFile = z.strictObject(certificateKeys)
export type CertificateFile = z.infer<typeof CertificateFile>

/** A client certificate beside another credential. */
const beside = { mtls: CertificateFile.optional().describe('A client certificate that is shown as well.') }

const clientKeys = {
  issuer: HttpUrl.optional().describe('The token server, exactly as its discovery document names it; or `tokenUrl`.'),
  tokenUrl: HttpUrl.optional().describe('The address of its token endpoint, where there is no discovery document.'),
  clientId: z.string().min(1).describe('The name of the broker at the token server.'),
  clientSecretRef: SecretRef.describe('Where the client secret is.'),
  clientAuth: z.enum(['basic', 'post']).default('basic').describe('How the client secret is sent: in the header, or in the body.'),
  scope: z.string().min(1).optional().describe('Scopes to ask for, with blanks between.'),
  resource: z
    .string()
    .min(1)
    .optional()
    .describe('The site as a resource indicator (RFC 8707). A token that is a JWT must then name it in `aud`.'),
  audience: z
    .string()
    .min(1)
    .optional()
    .describe('The site as an audience (Keycloak takes this one). A token that is a JWT must then name it in `aud`.'),
}

const BasicFile = z.strictObject({
  kind: z.literal('basic'),
  username: Username.describe('Name to log in with; without a colon.'),
  passwordRef: SecretRef.describe('Where the password is.'),
  ...beside,
})
const BearerFile = z.strictObject({ kind: z.literal('bearer'), tokenRef: SecretRef.describe('Where the token is.'), ...beside })
const MtlsFile = z.strictObject({ kind: z.literal('mtls'), ...certificateKeys })
const ClientCredentialsFile = z.strictObject({ kind: z.literal('client_credentials'), ...clientKeys, ...beside })
const S3File = z.strictObject({
  kind: z.literal('s3'),
  accessKeyRef: SecretRef.describe('Where the access key is.'),
  secretKeyRef: SecretRef.describe('Where the secret key is.'),
})

/** How the broker itself logs in where else it speaks for persons. */
const OwnFile = z.discriminatedUnion('kind', [
  BasicFile.omit({ mtls: true }),
  BearerFile.omit({ mtls: true }),
  z.strictObject({ kind: z.literal('mtls') }),
  ClientCredentialsFile.omit({ mtls: true }),
])

const TokenExchangeFile = z.strictObject({
  kind: z.literal('token_exchange'),
  ...clientKeys,
  requestedTokenType: z
    .string()
    .min(1)
    .default('urn:ietf:params:oauth:token-type:access_token')
    .describe('The type of token to ask for (RFC 8693).'),
  own: OwnFile.optional().describe(
    'How the broker itself logs in, to list and read tasks there. Default: by client credentials, with the same client, scope, resource and audience.',
  ),
  ...beside,
})
const ForwardUserFile = z.strictObject({
  kind: z.literal('forward_user'),
  acceptRisk: z
    .boolean()
    .superRefine((accepted, context) => {
      if (accepted) return
      const fix = 'write true once you have weighed it, or use token_exchange, whose tokens are good at this site only'
      context.addIssue({ code: 'custom', message: 'is not accepted', params: { fix } })
    })
    .describe('`true`: you accept that the site, and whoever gets hold of a token there, is that person wherever the token is taken.'),
  own: OwnFile.describe('How the broker itself logs in, to list and read tasks there.'),
  ...beside,
})

export const SiteCredentialFile = z.discriminatedUnion('kind', [
  BasicFile,
  BearerFile,
  MtlsFile,
  ClientCredentialsFile,
  TokenExchangeFile,
  ForwardUserFile,
])
export const LocationCredentialFile = z.discriminatedUnion('kind', [S3File, BearerFile, BasicFile, MtlsFile, ClientCredentialsFile])

export type OwnFile = z.infer<typeof OwnFile>
export type ClientFile = z.infer<typeof ClientCredentialsFile> | z.infer<typeof TokenExchangeFile>
export type SiteCredentialFile = z.infer<typeof SiteCredentialFile>
export type LocationCredentialFile = z.infer<typeof LocationCredentialFile>
