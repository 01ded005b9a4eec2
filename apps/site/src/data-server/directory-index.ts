/**
 * The JSON index of a directory: what our data server answers for a path that ends in `/`, and what a site reads to stage a directory.
 */
import * as z from 'zod/mini'

export const DirectoryIndex = z.object({
  entries: z.array(
    z.object({
      /** One path segment. */
      name: z.string().check(z.regex(/^(?!\.{1,2}$)[^/\0]+$/)),
      type: z.enum(['FILE', 'DIRECTORY']),
      /** Bytes of a file. */
      size: z.optional(z.number()),
    }),
  ),
})
export type DirectoryIndex = z.infer<typeof DirectoryIndex>
