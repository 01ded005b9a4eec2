/**
 * What is shown to prove who asks, with its secrets fetched. Whoever sends it binds it to one origin.
 */
import type { Secret } from './secret.ts'

/** A client certificate (mutual TLS). */
export interface ClientCertificate {
  /** In PEM, with the certificates between it and its authority. */
  readonly certificate: string
  readonly key: Secret
  readonly passphrase?: Secret | undefined
  /** The only authorities whose server certificates count there, in PEM. Absent: those of the system. */
  readonly ca?: string | undefined
}

/** The broker as the client of a token server. */
export interface TokenClient {
  /** An issuer whose discovery document names the token endpoint, or the endpoint itself. */
  readonly server: { readonly issuer: string } | { readonly tokenUrl: string }
  readonly clientId: string
  readonly clientSecret: Secret
  /** How the secret is sent: in the header, or in the body. */
  readonly clientAuth: 'basic' | 'post'
  readonly scope?: string | undefined
  /** RFC 8707. */
  readonly resource?: string | undefined
  /** RFC 8693, and Keycloak. */
  readonly audience?: string | undefined
}

/** The broker itself. A certificate may be shown beside any of them; alone it is `mtls`. */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret; readonly certificate?: ClientCertificate | undefined }
  | { readonly kind: 'bearer'; readonly token: Secret; readonly certificate?: ClientCertificate | undefined }
  | { readonly kind: 'mtls'; readonly certificate: ClientCertificate }
  | { readonly kind: 'client_credentials'; readonly client: TokenClient; readonly certificate?: ClientCertificate | undefined }

/** The person whose task it is; and beside that the broker itself, for what is nobody's or must go on without them. */
export type PersonalCredential =
  | {
      readonly kind: 'token_exchange'
      readonly client: TokenClient
      /** A type of RFC 8693, section 3. */
      readonly requestedTokenType: string
      readonly own: Credential
      readonly certificate?: ClientCertificate | undefined
    }
  | { readonly kind: 'forward_user'; readonly own: Credential; readonly certificate?: ClientCertificate | undefined }

export type SiteCredential = Credential | PersonalCredential

/** A pair of keys that signs requests and links; it is never sent itself. */
export interface S3Credential {
  readonly kind: 's3'
  readonly accessKey: Secret
  readonly secretKey: Secret
}

export type LocationCredential = Credential | S3Credential
