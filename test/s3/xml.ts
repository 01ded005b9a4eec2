/**
 * The little XML that S3 speaks: answers are written, and the list of parts of a finished upload is read.
 */

/** A text, or elements below it; a list becomes one element for each of its members. */
export type Content = string | number | boolean | Elements | readonly (string | Elements)[] | undefined
export interface Elements {
  readonly [name: string]: Content
}

/** A document with one root element. What is undefined is left out. */
export function writeXml(root: string, content: Elements): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${writeElement(root, content)}`
}

function writeElement(name: string, content: Content): string {
  if (content === undefined) return ''
  if (Array.isArray(content)) return content.map(one => writeElement(name, one as Content)).join('')
  const inner =
    typeof content === 'object'
      ? Object.entries(content as Elements)
          .map(([key, value]) => writeElement(key, value))
          .join('')
      : escapeText(String(content))
  return `<${name}>${inner}</${name}>`
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\r': '&#13;' }

function escapeText(text: string): string {
  return text.replace(/[&<>"'\r]/g, char => ESCAPES[char] ?? char)
}

/** The parts that a `CompleteMultipartUpload` names, in its order. */
export function readParts(text: string): readonly { readonly number: number; readonly etag: string }[] {
  return [...text.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
    number: Number(readElement(part, 'PartNumber')),
    etag: readElement(part, 'ETag').replace(/&quot;|&#34;|"/g, ''),
  }))
}

function readElement(text: string, name: string): string {
  return new RegExp(`<${name}>\\s*(.*?)\\s*</${name}>`, 's').exec(text)?.[1] ?? ''
}
