import { defineConfig } from 'vitest/config'

/** For what a row runs against a server that it has started: never a part of `pnpm test`. */
export default defineConfig({
  test: { include: ['test/interop/*.suite.ts'], pool: 'forks', testTimeout: 60_000 },
})
