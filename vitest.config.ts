import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Brokers, sites and writer threads run from TypeScript: Node strips and compiles each file once, and not once in each of the thousand processes and
// threads that the tests start.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/portolan-tests', import.meta.url))

export default defineConfig({
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/{src,test}/**/*.test.ts', 'tools/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'tools/test/fixtures/**'],
    globalSetup: 'test/leaks/vitest-run.ts',
    setupFiles: 'test/leaks/vitest-file.ts',
    pool: 'forks',
    // Every store's writer thread strips the types of its files by Node's own WebAssembly, and ends with its test. V8 of Node 24 keeps the
    // compiled wrappers of what such code imports for the whole process; where its code collection frees one that the next thread has just
    // taken over, the process dies (SIGSEGV, or a failed check below `WasmImportWrapperCache::Free`). Without collection nothing is freed
    // early; the code of a thread still goes when the thread ends.
    execArgv: ['--no-wasm-code-gc'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
})
