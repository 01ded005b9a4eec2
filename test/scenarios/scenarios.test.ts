import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { decide, Scenario, summarise } from './scenario.ts'

const folder = new URL('./', import.meta.url)
const files = readdirSync(folder).filter(name => name.endsWith('.yaml'))

describe('scenarios', () => {
  it('are there', () => expect(files.length).toBeGreaterThanOrEqual(12))

  it.each(files)('%s', async file => {
    const scenario = Scenario.parse(parse(readFileSync(new URL(file, folder), 'utf8')))
    expect(summarise(await decide(scenario), scenario.expect)).toEqual(scenario.expect)
  })
})
