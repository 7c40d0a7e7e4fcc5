// The template engine against what podman 4.3.1 (Go 1.19's text/template) printed for the same templates and data
// (`podman info --format …`, recorded in fixtures/go-template.json), then what that recording cannot show.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compileTemplate } from '../../../src/cli/go-template/template.js'

interface Recorded {
  readonly data: unknown
  readonly cases: readonly { readonly template: string; readonly output?: string; readonly error?: string }[]
}
const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/go-template.json', import.meta.url), 'utf8'),
) as Recorded

const render = (template: string, data: unknown = {}): string => compileTemplate('t', template)(data)

describe('a template gives what podman gave', () => {
  test.each(recorded.cases.filter(({ output }) => output !== undefined))('$template', ({ template, output }) => {
    expect(compileTemplate('info', template)(recorded.data)).toBe(output)
  })
  test.each(recorded.cases.filter(({ error }) => error !== undefined))(
    '$template (an error)',
    ({ template, error }) => {
      expect(() => compileTemplate('info', template)(recorded.data)).toThrow(error)
    },
  )
})

test('the recording holds enough of both kinds', () => {
  expect(recorded.cases.filter(({ output }) => output !== undefined).length).toBeGreaterThan(80)
  expect(recorded.cases.filter(({ error }) => error !== undefined).length).toBeGreaterThan(30)
})

describe('maps', () => {
  const data = {
    Labels: new Map([
      ['b.c', '2'],
      ['a', '1'],
    ]),
  }
  test.each([
    ['{{.Labels}}', 'map[a:1 b.c:2]'],
    ['{{.Labels.a}}', '1'],
    ['{{.Labels.missing}}', '<no value>'],
    ['{{index .Labels "b.c"}}', '2'],
    ['{{index .Labels "missing"}}', ''],
    ['{{range $key, $value := .Labels}}{{$key}}={{$value}};{{end}}', 'a=1;b.c=2;'],
    ['{{range .Labels}}{{.}}{{end}}', '12'],
    ['{{len .Labels}}', '2'],
    ['{{json .Labels}}', '{"a":"1","b.c":"2"}'],
    ['{{printf "%q" .Labels}}', 'map["a":"1" "b.c":"2"]'],
    ['{{if .Labels}}some{{end}}', 'some'],
  ])('%s', (template, output) => {
    expect(render(template, data)).toBe(output)
  })
})

test('a field that does not exist is an error that lists those that do', () => {
  expect(() => render('{{.Nmae}}', { Name: 'x', Id: 'y' })).toThrow(
    expect.objectContaining({
      message: 'template: t:1:2: executing "t" at <.Nmae>: can\'t evaluate field Nmae in type struct',
      hint: 'fields here are: Name, Id',
    }),
  )
})

test('a field of nil is an error, as Go has it', () => {
  expect(() => render('{{.A.B}}', { A: null })).toThrow('nil pointer evaluating interface {}.B')
})

test('a name from the prototype is no field', () => {
  expect(() => render('{{.constructor}}', {})).toThrow("can't evaluate field constructor")
  expect(() => render('{{.length}}', [])).toThrow("can't evaluate field length")
})

test('a method takes arguments', () => {
  expect(render('{{.Label "x"}} {{"y" | .Label}}', { Label: (name: unknown) => `<${String(name)}>` })).toBe('<x> <y>')
})

test('the line of an error in a template of several lines is named', () => {
  expect(() => render('a\nb {{.X}}', {})).toThrow('template: t:2:4: executing')
})

test('a template that calls itself without end stops with an error', () => {
  expect(() => render('{{define "x"}}{{template "x"}}{{end}}{{template "x"}}')).toThrow(
    'exceeded maximum template depth',
  )
})

test('variables of a range end with each turn', () => {
  expect(render('{{$n := 0}}{{range .}}{{$n = .}}{{$m := .}}{{end}}{{$n}}', [1, 2])).toBe('2')
  expect(() => render('{{range .}}{{$m := .}}{{end}}{{$m}}', [1])).toThrow('undefined variable "$m"')
})

test('range over a number counts', () => {
  expect(render('{{range $i := .N}}{{$i}}{{end}}', { N: 3 })).toBe('012')
})

test('else with and nested ifs share their end', () => {
  expect(render('{{with .A}}a{{else with .B}}{{.}}{{else}}none{{end}}', { A: '', B: 'b' })).toBe('b')
  expect(render('{{if .A}}a{{else if .B}}b{{else if .C}}c{{else}}d{{end}}', { A: 0, B: '', C: true })).toBe('c')
})

test('break and continue leave only the innermost range', () => {
  expect(render('{{range .}}{{range .}}{{if eq . 2}}{{break}}{{end}}{{.}}{{end}};{{end}}', [[1, 2, 3], [2], [3]])).toBe(
    '1;;3;',
  )
})
