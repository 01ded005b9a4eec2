import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeHtml, type HtmlValue, html } from './html.ts'

const show = (value: HtmlValue): string => html`${value}`.toString()

describe('T13 markup', () => {
  it('shows text as it is, and never as a tag', () => {
    expect(show('<script>alert("x")</script> & more')).toBe('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; more')
  })

  it('lets no text out of an attribute', () => {
    const name = `" onmouseover="x' autofocus`
    expect(html`<a title="${name}">x</a>`.toString()).toBe('<a title="&quot; onmouseover=&quot;x&#39; autofocus">x</a>')
  })

  it('escapes a text once, however deep the template lies that it is put into', () => {
    expect(html`<p>${html`<b>${'<'}</b>`}</p>`.toString()).toBe('<p><b>&lt;</b></p>')
  })

  it('puts lists one after the other, and shows nothing for what is not there', () => {
    const isThere = false
    expect(html`<p>${['a', html`<br>`, 3]}${undefined}${isThere && 'b'}${[]}</p>`.toString()).toBe('<p>a<br>3</p>')
  })

  it('is not made by anything that only looks like it', () => {
    const forged = JSON.parse('{"markup":"<script>","toString":1}')
    expect(() => show(forged)).toThrow()
    expect(show([JSON.parse('"<b>"')])).toBe('&lt;b&gt;')
  })

  it('shows what would turn the text around, and controls, as what cannot be shown', () => {
    expect(escapeHtml('evil\u202egnp.exe \u0000\u001b[2J \u2066x\u2069 \ud800')).toBe(
      'evil\ufffdgnp.exe \ufffd\ufffd[2J \ufffdx\ufffd \ufffd',
    )
    expect(escapeHtml('Zoë Łuk 李 \u05d0\u05d1 a\tb\nc 👩‍🔬')).toBe('Zoë Łuk 李 \u05d0\u05d1 a\tb\nc 👩‍🔬')
  })

  it('holds no character with a meaning, whatever the text, and the text can be read back', () => {
    const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' }
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('<', '>', '&', '"', "'", '`', ';', '#', 'a', 'm', 'p', 'l', 't', '3', '9', ' ', '/', '='),
          maxLength: 60,
        }),
        text => {
          const escaped = escapeHtml(text)
          expect(escaped).not.toMatch(/[<>"'`]|&(?!(amp|lt|gt|quot|#39|#96);)/)
          expect(escaped.replace(/&([^;]+);/g, (_, name: string) => entities[name] ?? '')).toBe(text)
        },
      ),
    )
  })
})
