/**
 * How to start the package manager from a tool or a test: the one that started us, be it a script or a program, else the one that npx finds.
 */
export function pnpmCommand(args: readonly string[]): { command: string; args: string[] } {
  const own = process.env.npm_execpath
  if (own === undefined || !/pnpm[^/\\]*$/.test(own)) return { command: 'npx', args: ['--yes', 'pnpm@12', ...args] }
  return /\.[cm]?js$/.test(own) ? { command: process.execPath, args: [own, ...args] } : { command: own, args: [...args] }
}
