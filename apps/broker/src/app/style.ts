/**
 * The one stylesheet of the pages. It asks for nothing from elsewhere and works on a telephone, in the dark, and at any size of letters.
 */
export const STYLE_PATH = '/app/style.css'

export const STYLE = `:root {
  color-scheme: light dark;
  --ink: light-dark(#1b2430, #e8ecf1);
  --quiet: light-dark(#566272, #a5b0bd);
  --paper: light-dark(#ffffff, #141a22);
  --band: light-dark(#0f3d5c, #0c2b41);
  --line: light-dark(#d3dae2, #34404e);
  --accent: light-dark(#0b5a8a, #6cb8ea);
  --alarm: light-dark(#a1260d, #ff9b85);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
header { background: var(--band); padding: 0.75rem 1.25rem; }
header a { color: #ffffff; font-weight: 600; text-decoration: none; }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
a { color: var(--accent); }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: 0.4rem 1.25rem; margin: 1rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; }
ul { padding-left: 1.25rem; }
code { font: 0.95em ui-monospace, monospace; }
label { display: block; font-weight: 600; margin: 1rem 0 0.25rem; }
input, select { font: inherit; color: inherit; background: transparent; border: 1px solid var(--quiet); border-radius: 0.3rem; padding: 0.5rem 0.6rem; width: 100%; max-width: 22rem; }
select option { color: #1b2430; background: #ffffff; }
.code { font: 600 1.5rem/1.2 ui-monospace, monospace; letter-spacing: 0.08em; }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1.5rem 0; }
button, .button { display: inline-block; font: inherit; font-weight: 600; border: 1px solid var(--accent); border-radius: 0.3rem; padding: 0.55rem 1.1rem; background: transparent; color: var(--accent); text-decoration: none; cursor: pointer; }
.first { background: var(--band); border-color: var(--band); color: #ffffff; }
.alarm { border-left: 4px solid var(--alarm); padding: 0.1rem 1rem; }
.quiet { color: var(--quiet); }
`
