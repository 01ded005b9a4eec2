/**
 * GA4GH service-info 1.0: how every GA4GH service describes itself.
 */
import * as z from 'zod/mini'

export const ServiceType = z.object({
  group: z.string(),
  artifact: z.string(),
  version: z.string(),
})
export type ServiceType = z.infer<typeof ServiceType>

/** A URL or a time that is passed on as it came: foreign services get them wrong, and nothing depends on them. */
const url = z.string().check(z.meta({ format: 'uri' }))
const time = z.string().check(z.meta({ format: 'date-time' }))

export const Service = z.object({
  id: z.string(),
  name: z.string(),
  type: ServiceType,
  description: z.optional(z.string()),
  organization: z.object({ name: z.string(), url }),
  contactUrl: z.optional(url),
  documentationUrl: z.optional(url),
  createdAt: z.optional(time),
  updatedAt: z.optional(time),
  environment: z.optional(z.string()),
  version: z.string(),
})
export type Service = z.infer<typeof Service>
