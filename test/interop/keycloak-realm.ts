/**
 * A realm of Keycloak as a federation runs it between its services and LS-Login: people come in by LS-Login alone, keep what it says of them, and
 * belong to groups that only Keycloak knows.
 */
export interface RealmWishes {
  readonly realm: string
  readonly upstream: {
    readonly issuer: string
    /** What Keycloak is called there. */
    readonly clientId: string
    readonly secret: string
  }
  readonly client: {
    readonly id: string
    readonly secret: string
    readonly redirectUris: readonly string[]
  }
  /** A group of the realm's own. Its members are those of whom the upstream says this entitlement. */
  readonly group: { readonly name: string; readonly entitlement: string }
}

/** What the upstream is called in addresses of Keycloak. */
export const UPSTREAM_ALIAS = 'lslogin'

const SUBJECT = 'lslogin_sub'
const FLOW = 'upstream-alone'
const FLOW_SETTINGS = 'no-password'
const WAY_IN = 'way-in'
const WAY_IN_SETTINGS = 'to-upstream'

/** The document that `kc.sh start-dev --import-realm` reads. It has no key `clientScopes`: with it, even empty, the built-in ones are not made. */
export function describeRealm({ realm, upstream, client, group }: RealmWishes): object {
  return {
    realm,
    enabled: true,
    sslRequired: 'none',
    components: { 'org.keycloak.userprofile.UserProfileProvider': [profile()] },
    groups: [{ name: group.name }],
    identityProviders: [identityProvider(upstream)],
    identityProviderMappers: [
      mapper('subject', 'oidc-user-attribute-idp-mapper', { claim: 'sub', 'user.attribute': SUBJECT }),
      mapper('group', 'oidc-advanced-group-idp-mapper', {
        group: `/${group.name}`,
        'are.claim.values.regex': 'false',
        claims: JSON.stringify([{ key: 'eduperson_entitlement', value: group.entitlement }]),
      }),
    ],
    browserFlow: WAY_IN,
    authenticationFlows: [
      // There is no page to choose from: everybody is sent on to the upstream.
      {
        ...{ alias: WAY_IN, providerId: 'basic-flow', topLevel: true, builtIn: false },
        authenticationExecutions: [
          execution('auth-cookie', 10),
          { ...execution('identity-provider-redirector', 20), authenticatorConfig: WAY_IN_SETTINGS },
        ],
      },
      // Whoever comes for the first time is let in without a page of questions.
      {
        ...{ alias: FLOW, providerId: 'basic-flow', topLevel: true, builtIn: false },
        authenticationExecutions: [{ ...execution('idp-create-user-if-unique', 10), authenticatorConfig: FLOW_SETTINGS }],
      },
    ],
    authenticatorConfig: [
      { alias: FLOW_SETTINGS, config: { 'require.password.update.after.registration': 'false' } },
      { alias: WAY_IN_SETTINGS, config: { defaultProvider: UPSTREAM_ALIAS } },
    ],
    clients: [
      {
        ...{ clientId: client.id, secret: client.secret, enabled: true, publicClient: false, redirectUris: client.redirectUris },
        ...{ protocol: 'openid-connect', standardFlowEnabled: true, directAccessGrantsEnabled: false },
        attributes: { 'post.logout.redirect.uris': '+' },
        defaultClientScopes: ['profile', 'email', 'basic', 'acr'],
        optionalClientScopes: ['offline_access'],
        protocolMappers: [
          claimMapper('groups', 'oidc-group-membership-mapper', { 'claim.name': 'groups', 'full.path': 'true' }),
          claimMapper('upstream subject', 'oidc-usermodel-attribute-mapper', {
            ...{ 'user.attribute': SUBJECT, 'claim.name': 'linked_sub', 'jsonType.label': 'String' },
          }),
          claimMapper('audience', 'oidc-audience-mapper', { 'included.client.audience': client.id }),
        ],
      },
    ],
  }
}

/** One of several, any of which will do. */
function execution(authenticator: string, priority: number): object {
  return { authenticator, requirement: 'ALTERNATIVE', priority, authenticatorFlow: false, userSetupAllowed: false }
}

/** Attributes that nobody declares are dropped. */
function profile(): object {
  const permissions = { view: ['admin'], edit: ['admin'] }
  const attributes = ['username', 'email', 'firstName', 'lastName', SUBJECT].map(name => ({ name, permissions }))
  return {
    providerId: 'declarative-user-profile',
    subComponents: {},
    config: { 'kc.user.profile.config': [JSON.stringify({ attributes })] },
  }
}

function identityProvider({ issuer, clientId, secret }: RealmWishes['upstream']): object {
  return {
    ...{ alias: UPSTREAM_ALIAS, providerId: 'oidc', enabled: true, trustEmail: true, firstBrokerLoginFlowAlias: FLOW },
    config: {
      issuer,
      authorizationUrl: `${issuer}authorize`,
      tokenUrl: `${issuer}token`,
      userInfoUrl: `${issuer}userinfo`,
      jwksUrl: `${issuer}jwk`,
      ...{ useJwksUrl: 'true', validateSignature: 'true', pkceEnabled: 'true', pkceMethod: 'S256', loginHint: 'true', syncMode: 'FORCE' },
      ...{ clientId, clientSecret: secret, clientAuthMethod: 'client_secret_basic' },
      defaultScope: 'openid profile email eduperson_entitlement',
    },
  }
}

/** What the upstream says, taken over at every login. */
function mapper(name: string, kind: string, config: Readonly<Record<string, string>>): object {
  return { name, identityProviderAlias: UPSTREAM_ALIAS, identityProviderMapper: kind, config: { syncMode: 'FORCE', ...config } }
}

/** A claim in every token and at userinfo. */
function claimMapper(name: string, kind: string, config: Readonly<Record<string, string>>): object {
  const places = {
    'id.token.claim': 'true',
    'access.token.claim': 'true',
    'userinfo.token.claim': 'true',
    'introspection.token.claim': 'true',
  }
  return { name, protocol: 'openid-connect', protocolMapper: kind, config: { ...places, ...config } }
}
