/**
 * How a TES server describes itself: GA4GH service-info plus storage and backend parameters (TES 1.1, schema `tesServiceInfo`).
 */
import { Service, ServiceType } from '@portolan/ga4gh/documents'
import * as z from 'zod/mini'

export const TesServiceType = z.extend(ServiceType, { artifact: z.enum(['tes']) })
export type TesServiceType = z.infer<typeof TesServiceType>

export const TesServiceInfo = z.extend(Service, {
  type: TesServiceType,
  storage: z.optional(z.array(z.string())),
  tesResources_backend_parameters: z.optional(z.array(z.string())),
})
export type TesServiceInfo = z.infer<typeof TesServiceInfo>
