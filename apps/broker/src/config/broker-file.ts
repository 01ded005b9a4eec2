/**
 * The main file of the broker (`--config`, or `PORTOLAN_CONFIG`). Operators' files depend on these names: they are added to, never renamed.
 */
import * as z from 'zod'
import { HttpUrl, Origin, PositiveInt, ProxyAddress, SecretRef } from './fields.ts'
import { IssuerFile } from './issuer-file.ts'
import { LiveFile } from './live-file.ts'
import { LocationFile } from './location-file.ts'
import { ProjectFile } from './project-file.ts'
import { RatesFile } from './rates-file.ts'
import { SiteFile } from './site-file.ts'
import { TrackingFile } from './tracking-file.ts'

const strings = z.array(z.string().min(1))

const ServerFile = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on. Open mode allows loopback addresses only.'),
  port: z.int().min(0).max(65_535).default(8080).describe('Port to listen on; 0 takes a free one.'),
  publicUrl: HttpUrl.optional().describe('The address under which clients reach the broker. Default: the address it listens on.'),
  trustProxy: z
    .union([z.boolean(), z.array(ProxyAddress)])
    .default(false)
    .describe(
      'Whether `X-Forwarded-*` headers count: from the proxy that connects, whoever it is; from nobody; or from these addresses and networks.',
    ),
  roles: z
    .array(z.enum(['api', 'reconciler']))
    .min(1)
    .default(['api', 'reconciler'])
    .describe('What this process does.'),
  corsOrigins: z.array(Origin).default([]).describe('Origins whose web pages may call the broker.'),
  metricsFrom: z
    .array(ProxyAddress)
    .optional()
    .describe(
      'The addresses and networks that may read `/metrics`, by the address of the client; who comes through a proxy that is not believed may not. Default: the machine of the broker, or nobody where `publicUrl` is not a loopback address.',
    ),
})

const BodiesFile = z.strictObject({
  personMiB: PositiveInt.max(65_536)
    .default(64)
    .describe('Of one person, in MiB; a further create is refused with 429, a further dry run with 503.'),
  allMiB: PositiveInt.max(1_048_576).default(256).describe('Of all together, in MiB.'),
})

const LimitsFile = z.strictObject({
  bodyMiB: z.number().positive().max(256).default(16).describe('Largest request body, in MiB.'),
  contentKiB: z
    .number()
    .min(128)
    .max(262_144)
    .default(1024)
    .describe('Largest inline content of one input, in KiB; the standard asks for at least 128.'),
  inputs: PositiveInt.max(1_000_000).default(20_000).describe('Most inputs of one task.'),
  tags: PositiveInt.max(10_000).default(128).describe('Most tags of one task.'),
  bodies: BodiesFile.prefault({}).describe(
    'How many bytes of large request bodies may be under way at once; never less than `bodyMiB` of one person, and three times that of all: once that much is kept for whoever holds little. In open mode all.',
  ),
  rates: RatesFile.prefault({}).describe('How often a person and an address may ask. In open mode nobody is limited.'),
  live: LiveFile.prefault({}).describe('How many tokens, devices and sessions there may be at once.'),
})

const StoreFile = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('sqlite').optional().default('sqlite'),
      path: z.string().min(1).default('./data/portolan.db').describe('File of the database.'),
    }),
    z.strictObject({ kind: z.literal('postgres'), urlRef: SecretRef.describe('Where the connection URL is.') }),
  ])
  .describe('Where the truth is kept.')

const BusFile = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('memory').optional().default('memory') }),
    z.strictObject({ kind: z.literal('redis'), urlRef: SecretRef.describe('Where the connection URL is.') }),
  ])
  .describe('How replicas wake each other.')

const Days = z.int().min(1).max(365)

const TokensFile = z.strictObject({
  accessMinutes: z.int().min(1).max(60).default(15).describe('How long an access token lives, in minutes.'),
  refreshDays: Days.default(30).describe('How long a command line stays logged in, in days, however often it refreshes.'),
  personalDays: Days.default(90).describe('How long a personal token lives if nothing is asked, in days.'),
  personalMaxDays: Days.default(365).describe('How long a personal token may live, in days.'),
})
export type TokensFile = z.infer<typeof TokensFile>

const AuthFile = z.strictObject({
  mode: z.enum(['required', 'open']).default('required').describe('`required`: everybody logs in. `open`: no login, on loopback only.'),
  claimsMaxAgeHours: z
    .number()
    .positive()
    .default(24)
    .describe(
      'How old what a login said of a person may be. Older claims make nobody a member, and no new work is taken until the login has been asked again, in hours.',
    ),
  issuers: z.array(IssuerFile).default([]).describe('The logins whose people and tokens are admitted.'),
  visas: z
    .strictObject({
      trusted: z
        .array(z.strictObject({ iss: z.string().min(1), jku: HttpUrl }))
        .default([])
        .describe('Exact pairs of issuer and key address.'),
    })
    .prefault({})
    .describe('Which visas count.'),
  tokens: TokensFile.prefault({}).describe('How long what the broker gives out lives.'),
  admins: strings.default([]).describe('`sub@iss` or entitlements of those who may see all.'),
})

export const BrokerFile = z
  .strictObject({
    server: ServerFile.prefault({}).describe('The door.'),
    limits: LimitsFile.prefault({}).describe('What a request may bring, and how many may come.'),
    tracking: TrackingFile.prefault({}).describe('How sites are followed; each value also per site.'),
    store: StoreFile.prefault({ kind: 'sqlite' }),
    bus: BusFile.prefault({ kind: 'memory' }),
    keys: z
      .strictObject({ dir: z.string().min(1).default('./data/keys').describe('Folder of the keys; made at first start.') })
      .prefault({})
      .describe('The keys that code documents and sign tags.'),
    auth: AuthFile.prefault({}).describe('Who may come in.'),
    sitesDir: z
      .string()
      .min(1)
      .optional()
      .describe('Folder with one YAML file per site, and a `.cedar` file beside it where the site adds rules.'),
    locationsDir: z.string().min(1).optional().describe('Folder with one YAML file per location.'),
    projectsDir: z.string().min(1).optional().describe('Folder with one YAML file per project.'),
    sites: z.array(SiteFile).default([]).describe('Sites, written here instead of in a folder.'),
    locations: z.array(LocationFile).default([]).describe('Locations, written here instead of in a folder.'),
    projects: z.array(ProjectFile).default([]).describe('Projects, written here instead of in a folder.'),
  })
  .describe('The configuration of the broker.')
export type BrokerFile = z.infer<typeof BrokerFile>
