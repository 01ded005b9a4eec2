/**
 * How to start the package manager from a tool or a test: the one that started us, else the one that npx finds.
 */
export function pnpmCommand(args: readonly string[]): { command: string; args: string[] } {
  const own = process.env.npm_execpath
  return own !== undefined && /pnpm[^/\\]*$/.test(own)
    ? { command: process.execPath, args: [own, ...args] }
    : { command: 'npx', args: ['--yes', 'pnpm@12', ...args] }
}
