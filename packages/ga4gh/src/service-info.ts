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

export const Service = z.object({
  id: z.string(),
  name: z.string(),
  type: ServiceType,
  description: z.optional(z.string()),
  organization: z.object({ name: z.string(), url: z.string() }),
  contactUrl: z.optional(z.string()),
  documentationUrl: z.optional(z.string()),
  createdAt: z.optional(z.string()),
  updatedAt: z.optional(z.string()),
  environment: z.optional(z.string()),
  version: z.string(),
})
export type Service = z.infer<typeof Service>
