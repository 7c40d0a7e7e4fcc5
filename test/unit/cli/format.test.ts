import { describe, expect, test } from 'vitest'
import { isJson, type Report, renderReport } from '../../../src/cli/format.js'

const report: Report = {
  name: 'things',
  fields: ['ID', 'Names', 'CreatedAt', 'Labels', 'Label'],
  headings: { ID: 'THING ID' },
  rows: [
    { ID: 'a', Names: 'first', CreatedAt: 'now', Labels: new Map([['k', 'v']]), Label: () => 'v' },
    { ID: 'b', Names: 'second-with-a-long-name', CreatedAt: 'then', Labels: new Map(), Label: () => '' },
  ],
  json: [],
  defaultFormat: 'table {{.ID}}\t{{.Names}}',
}
const render = (format: string, noheading = false, rows = report.rows): string =>
  renderReport({ ...report, rows }, format, noheading)

describe('renderReport', () => {
  test.each([
    ['{{.ID}}', 'a\nb\n'],
    ['{{.ID}}\\t{{.Names}}', 'a\tfirst\nb\tsecond-with-a-long-name\n'],
    ['{{.ID}}\\n', 'a\nb\n'],
    ['{{range .}}{{.ID}},{{end}}', 'a,b,\n'],
    ['{{printf "%s\\n" .ID}}', 'a\n\nb\n\n'],
    ['{{index .Labels "k"}}', 'v\n\n'],
    ['just words', 'just words\njust words\n'],
  ])('%s', (format, output) => {
    expect(render(format)).toBe(output)
  })

  test('puts headings over a table and aligns it, whatever parts the columns', () => {
    const table =
      'THING ID    NAMES                    CREATED AT\na           first                    now\nb           second-with-a-long-name  then\n'
    expect(render('table {{.ID}}\\t{{.Names}}\\t{{.CreatedAt}}')).toBe(table)
    expect(render('table {{.ID}}\t{{.Names}}\t{{.CreatedAt}}')).toBe(table)
    expect(render('table {{.ID}} {{.Names}} {{.CreatedAt}}')).toBe(table)
    expect(render('table {{.ID}} {{.Names}} {{.CreatedAt}}', true)).toBe(table.slice(table.indexOf('\n') + 1))
  })

  test('keeps the spaces in strings of a table', () => {
    expect(render('table {{printf "<%s - %s>" .ID .Names}}', true)).toBe('<a - first>\n<b - second-with-a-long-name>\n')
  })

  test('prints the headings of an empty table', () => {
    expect(render(report.defaultFormat, false, [])).toBe('THING ID    NAMES\n')
    expect(render('{{.ID}}', false, [])).toBe('')
  })

  test('heads a label with its name', () => {
    expect(render('table {{.Label "k"}}')).toBe('K\nv\n\n')
  })

  test('refuses an unknown field even when there is nothing to list', () => {
    expect(() => render('table {{.Bogus}}', false, [])).toThrow("can't evaluate field Bogus")
  })
})

test('isJson knows json and the template that means it', () => {
  expect(['json', '{{json .}}', '{{ json . }}', '{{json}}'].map(isJson)).toEqual([true, true, true, true])
  expect([undefined, 'JSON', '{{json .ID}}', 'x json'].map(isJson)).toEqual([false, false, false, false])
})
