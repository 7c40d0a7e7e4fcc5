import { expect, test } from 'vitest'
import { goTime, humanAge, humanDuration, humanSize, shortId } from '../../../src/cli/human.js'
import { alignTabs, renderTable } from '../../../src/cli/table.js'

test('renderTable pads every column but the last to at least 12, two spaces apart', () => {
  expect(
    renderTable([
      ['REPOSITORY', 'TAG', 'SIZE'],
      ['docker.io/library/alpine', 'latest', '7.34 MB'],
    ]),
  ).toBe('REPOSITORY                TAG         SIZE\ndocker.io/library/alpine  latest      7.34 MB\n')
})

test('alignTabs shares widths only between neighbouring lines that have the column', () => {
  expect(alignTabs('a\tb\nlonger-than-twelve\tc\nno tabs\nx\ty\n')).toBe(
    'a                   b\nlonger-than-twelve  c\nno tabs\nx           y\n',
  )
})

test('alignTabs counts characters, not bytes', () => {
  expect(alignTabs('ééééééééééééé\tx\n')).toBe('ééééééééééééé  x\n')
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [11_331, '11.3 kB'],
  [7_340_000, '7.34 MB'],
  [134_217_728, '134 MB'],
  [2_000_000_000_000, '2 TB'],
])('humanSize(%d)', (bytes, text) => {
  expect(humanSize(bytes)).toBe(text)
})

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
test.each([
  [999, 'Less than a second'],
  [-5, 'Less than a second'],
  [1000, '1 second'],
  [59_999, '59 seconds'],
  [MINUTE, 'About a minute'],
  [2 * MINUTE, '2 minutes'],
  [59 * MINUTE, '59 minutes'],
  [HOUR, 'About an hour'],
  [1.6 * HOUR, '2 hours'],
  [47 * HOUR, '47 hours'],
  [2 * DAY, '2 days'],
  [14 * DAY, '2 weeks'],
  [60 * DAY, '2 months'],
  [730 * DAY, '2 years'],
])('humanDuration(%d)', (ms, text) => {
  expect(humanDuration(ms)).toBe(text)
})

test('humanAge counts from a time to now', () => {
  expect(humanAge(0, 2 * HOUR)).toBe('2 hours ago')
})

test('goTime writes a time as Go prints it', () => {
  expect(goTime('2026-11-21T23:37:09.449965384Z')).toBe('2026-11-21 23:37:09.449965384 +0000 UTC')
  expect(goTime('2026-11-21T23:37:09.450Z')).toBe('2026-11-21 23:37:09.45 +0000 UTC')
  expect(goTime('2026-11-21T23:37:09.000Z')).toBe('2026-11-21 23:37:09 +0000 UTC')
})

test('shortId takes 12 digits, without the algorithm', () => {
  expect(shortId(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab')
})
