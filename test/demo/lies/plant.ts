/**
 * Loaded before the programs of a demo (`node --import`), puts the lie that PLANTED_LIE names in the place of an honest module. The programs
 * themselves have no switch for it.
 */
import { registerHooks } from 'node:module'
import process from 'node:process'
import { LIES } from './lies.ts'

const lie = LIES.find(({ name }) => name === process.env.PLANTED_LIE)
if (!lie) throw new Error(`there is no such lie: ${process.env.PLANTED_LIE}`)
const address = new URL(`./${lie.name}.ts`, import.meta.url).href

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context)
    // The lie itself builds on the honest module.
    return resolved.url.endsWith(`/${lie.instead}`) && context.parentURL !== address ? { ...resolved, url: address } : resolved
  },
})
