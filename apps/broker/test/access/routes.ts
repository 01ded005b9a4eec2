/**
 * The routes that a running server has, and those that the contracts promise, both as `METHOD /path/:parameter`.
 */
import { readFileSync } from 'node:fs'
import type { Express } from 'express'
import { parse } from 'yaml'
import * as z from 'zod/mini'

interface Layer {
  readonly route?: { readonly path: string | readonly string[]; readonly stack: readonly { readonly method?: string }[] }
  readonly handle?: { readonly stack?: readonly Layer[] }
}

/** Every operation of the router and of the routers in it. A refusal of other methods (`all`) is no operation. */
export function listLiveRoutes(app: Express): readonly string[] {
  // Express has no type for what its routers are made of.
  return [...new Set(listLayers(app.router.stack as unknown as readonly Layer[]))]
}

function listLayers(layers: readonly Layer[]): readonly string[] {
  return layers.flatMap(({ route, handle }) => {
    if (route === undefined) return listLayers(handle?.stack ?? [])
    const methods = route.stack.flatMap(({ method }) => (method === undefined ? [] : [method.toUpperCase()]))
    return methods.flatMap(method => [route.path].flat().map(path => `${method} ${path.replaceAll('\\', '')}`))
  })
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'options'] as const
/** Where a contract is offered; the TES API is at many mounts, and there without any. */
const BASES: Readonly<Record<string, string>> = { 'drs-1.5': '/ga4gh/drs/v1' }
const Contract = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })

export function listPromisedRoutes(): readonly string[] {
  return ['tes-1.1', 'drs-1.5', 'portolan-1'].flatMap(name => {
    const text = readFileSync(new URL(`../../../../openapi/${name}.yaml`, import.meta.url), 'utf8')
    return Object.entries(Contract.parse(parse(text)).paths).flatMap(([path, item]) =>
      METHODS.filter(method => method in item).map(
        method => `${method.toUpperCase()} ${BASES[name] ?? ''}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      ),
    )
  })
}
