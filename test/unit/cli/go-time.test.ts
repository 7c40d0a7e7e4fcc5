import { expect, test } from 'vitest'
import { compileTemplate } from '../../../src/cli/go-template/template.js'
import { durationValue, timeValue } from '../../../src/cli/go-template/time.js'
import { withGoTypes, withId } from '../../../src/cli/views/inspect.js'

const DATA = {
  Created: timeValue('2026-03-04T15:06:07.080900Z'),
  Never: timeValue('0001-01-01T00:00:00Z'),
  Abroad: timeValue('2026-03-04T00:30:00.5+02:00'),
  Interval: durationValue(90_000_000_000),
}
const render = (template: string): string => compileTemplate('t', template)(DATA)

// the expected values are those of Go's own time package
test.each([
  ['{{.Created}}', '2026-03-04 15:06:07.0809 +0000 UTC'],
  ['{{json .Created}} {{json .Never}}', '"2026-03-04T15:06:07.080900Z" "0001-01-01T00:00:00Z"'],
  ['{{.Created.Unix}} {{.Created.UnixMilli}} {{.Created.UnixNano}}', '1772636767 1772636767080 1772636767080900000'],
  ['{{.Created.IsZero}} {{.Never.IsZero}} {{.Never}}', 'false true 0001-01-01 00:00:00 +0000 UTC'],
  ['{{.Never.Unix}} {{.Never.Year}}', '-62135596800 1'],
  ['{{.Created.Year}} {{.Created.Month}} {{.Created.Day}} {{.Created.Weekday}}', '2026 March 4 Wednesday'],
  ['{{.Created.Hour}}:{{.Created.Minute}}:{{.Created.Second}}', '15:6:7'],
  ['{{.Created.Format "2006-01-02T15:04:05Z07:00"}}', '2026-03-04T15:06:07Z'],
  ['{{.Created.Format "Mon Jan _2 3:04PM 06 MST -0700"}}', 'Wed Mar  4 3:06PM 26 UTC +0000'],
  ['{{.Created.Format "Monday 2 January 15:04:05.000 .999999999 .00"}}', 'Wednesday 4 March 15:06:07.080 .0809 .08'],
  ['{{.Abroad}} {{.Abroad.Format "02"}} {{.Abroad.UTC.Hour}}', '2026-03-03 22:30:00.5 +0000 UTC 03 22'],
  ['{{printf "%s %v" .Created .Interval}}', '2026-03-04 15:06:07.0809 +0000 UTC 1m30s'],
  [
    '{{.Interval}} {{.Interval.Seconds}} {{json .Interval}} {{printf "%d" .Interval}}',
    '1m30s 90 90000000000 90000000000',
  ],
  ['{{eq .Never "0001-01-01T00:00:00Z"}} {{gt .Interval 5}}', 'true true'],
  ['{{if .Never}}a struct is true{{end}}', 'a struct is true'],
])('a template makes of %s %s', (template, expected) => {
  expect(render(template)).toBe(expected)
})

test('a template fails when it asks a time for what it has not', () => {
  expect(() => render('{{.Created.Nope}}')).toThrow("can't evaluate field Nope")
})

test("withGoTypes makes times and durations of inspect's fields, and of no other", () => {
  const check = { Interval: 1e9, Timeout: 2e9, Retries: 3 }
  const object = withGoTypes({
    State: { StartedAt: '2026-03-04T15:06:07Z', Healthcheck: { FailingStreak: 2, Log: null } },
    Config: { Timeout: 5, Healthcheck: check, Entrypoint: null, Volumes: null, Labels: { Created: 'x' } },
  })
  const template =
    '{{.State.StartedAt.Year}} {{.State.Healthcheck}} {{.Config.Timeout}} {{.Config.Healthcheck}} {{.Config.Entrypoint}}'
  expect(compileTemplate('t', `${template} {{.Config.Volumes}}`)(object)).toBe('2026 {2 []} 5 {1s 2s 3} [] map[]')
})

test('withId lets templates ask for what JSON leaves out of a container', () => {
  const container = withId({ Id: 'f', State: { Status: 'created' }, Config: {}, HostConfig: {} })
  const template =
    '{{.ID}} {{.State.ConmonPid}} {{if .State.Health}}a{{else}}b{{end}} {{if .Config.Healthcheck}}a{{else}}b{{end}}'
  expect(compileTemplate('t', template)(withGoTypes(container))).toBe('f 0 b b')
  const image = withGoTypes(withId({ Id: 'i', RootFS: {}, Config: { Cmd: ['a'] } }))
  const config =
    '{{.Config.Env}} {{.Config.Cmd}} {{.Config.Labels}} {{.Config.WorkingDir}}|{{index .Config.Labels "x"}}'
  expect(compileTemplate('t', config)(image)).toBe('[] [a] map[] |')
  expect(withId({ Id: 'f' })).toEqual({ Id: 'f', ID: 'f' })
})
