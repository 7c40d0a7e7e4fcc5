// Records of pax headers, also those with line breaks in them, and what only looks like them.

import { expect, test } from 'vitest'
import { parsePaxRecords } from '../../../src/platform/pax-records.js'
import { paxData } from '../../monitor/tar-writer.js'

test('parsePaxRecords reads values with line breaks, equal signs and letters of several bytes', () => {
  const records = [
    ['path', 'data/größe \n\t12 path=x'],
    ['mtime', '1700000000.5'],
    ['SCHILY.xattr.user.a', 'b=c\n'],
  ] as const
  expect([...parsePaxRecords(paxData(records).toString())]).toEqual(records)
})

test.each([
  ['nothing', ''],
  ['a GNU long name', 'usr/share/a-very-long-name\0'],
  ['a name that begins with a number', '12 monkeys\0'],
  ['a length beyond the end', '99 path=x\n'],
  ['a length of nothing', '0 path=x\n'],
  ['a length within its own digits', '1 path=x\n'],
  ['a record without a key', '5 =x\n'],
  ['a record that does not end with a line', '9 path=xy'],
])('parsePaxRecords finds none in %s', (_, text) => {
  expect(parsePaxRecords(text).size).toBe(0)
})
