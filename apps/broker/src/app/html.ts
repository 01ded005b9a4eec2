/**
 * Markup of the pages. The tag `html` is the only way to make it: what is put into a template is text and is escaped, unless it is markup that came
 * from here. Text from outside can therefore neither become a tag nor leave a quoted attribute; attributes are always quoted.
 */

/** Markup that holds no text which was not escaped. */
export class Html {
  readonly #markup: string

  private constructor(markup: string) {
    this.#markup = markup
  }

  static join(strings: readonly string[], values: readonly HtmlValue[]): Html {
    return new Html(strings.map((text, index) => text + markupOf(values[index])).join(''))
  }

  toString(): string {
    return this.#markup
  }
}

/** `undefined` and `false` are nothing, so that a part can depend on a condition. */
export type HtmlValue = string | number | undefined | false | Html | readonly HtmlValue[]

export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.join(strings, values)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' }
const SPECIAL = /[&<>"'`]/g
/** Controls, and what turns the direction of the text around it: a name could otherwise show as another one. */
const DECEIVING = /(?![\t\n\r])[\p{Cc}\p{Bidi_Control}]/gu

/** The text as it stands in markup: the same letters, none of them with a meaning. What cannot be shown, or would deceive, is shown as U+FFFD. */
export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(DECEIVING, '\ufffd')
    .replace(SPECIAL, character => ENTITIES[character] ?? '')
}

function markupOf(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  return typeof value === 'object' ? value.map(markupOf).join('') : escapeHtml(String(value))
}
