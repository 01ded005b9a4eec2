/**
 * The TypeScript of the pages, ready for a compiler: each block becomes a module of its own, with every line where it stands in its page, so
 * that an error names the line to mend.
 */
export interface Example {
  /** Path of the page from the root, and the line where the block begins. */
  page: string
  line: number
  /** Name of a file for it that no other example has. */
  file: string
  code: string
}

/** Every block of `text` that is marked `ts`. */
export function findExamples(page: string, text: string): Example[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = '', index }) => {
    const line = text.slice(0, index).split('\n').length + 1
    return { page, line, file: `${page.replaceAll('/', '_')}-${line}.ts`, code: `${'\n'.repeat(line - 1)}${code}export {}\n` }
  })
}
