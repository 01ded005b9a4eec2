/**
 * Data as the composition root opens it: what is found out about the bytes at declared locations, and who may ask there.
 */
import type { ConfiguredLocation } from '../config.ts'
import { createDeclaredLocator } from '../data/declared-locator.ts'
import type { Locator } from '../data/locator.ts'
import { type AccessPorts, openSiteAccess } from '../http/access.ts'

export interface OpenedData extends AsyncDisposable {
  readonly locator: Locator
}

export function openData(locations: readonly ConfiguredLocation[], access: AccessPorts): OpenedData {
  const locator = createDeclaredLocator({
    locations,
    open: (origin, credential) => openSiteAccess(origin, credential, access),
    now: access.now,
  })
  return {
    locator,
    async [Symbol.asyncDispose]() {
      await locator[Symbol.asyncDispose]()
    },
  }
}
