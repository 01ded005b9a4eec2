import { describe, expect, it } from 'vitest'
import { crop, type Line, textOf, widthOf } from './line.ts'
import { createTable, cropLine } from './table.ts'

const render = (lines: readonly Line[]): string[] => lines.map(line => line.map(textOf).join(''))

describe('a table', () => {
  it('has columns as wide as they must be, whatever is in them', () => {
    const table = createTable(['id', 'state', 'name'])
    expect(
      render(
        table.add([
          ['a', 'RUNNING', '東京'],
          ['long-id', { text: 'x', style: 'red' }, 'e\u0301'],
        ]),
      ),
    ).toEqual(['id       state    name', 'a        RUNNING  東京', 'long-id  x        e\u0301'])
    expect(render(table.add([['b', '東京', 'c']]))).toEqual(['b        東京     c'])
  })

  it('counts what is shown of a cell, not what came', () => {
    expect(render(createTable(['a', 'b']).add([['\u001b[31mx\u001b[0m\n', 'y']]))).toEqual(['a   b', 'x   y'])
  })

  it('shows its head even without rows, and once', () => {
    const table = createTable(['a', 'b'])
    expect([render(table.add([])), render(table.add([['1', '2']]))]).toEqual([['a  b'], ['1  2']])
  })
})

describe('a line', () => {
  it('is cut where the screen ends, in columns', () => {
    expect(crop('abcdef', 4)).toBe('abc…')
    expect(crop('abcd', 4)).toBe('abcd')
    expect(widthOf(crop('東京都東京都', 5))).toBeLessThanOrEqual(5)
    expect(render([cropLine(['abc', { text: 'defg', style: 'red' }, 'hij'], 6)])).toEqual(['abcde…'])
    expect(render([cropLine(['abc', 'def'], 6)])).toEqual(['abcdef'])
  })
})
