import { describe, expect, test } from 'vitest'
import { parseSearchFilter } from '../../../src/cli/values/search-filter.js'
import { SEARCH_FIELDS, searchText, selectFound, tagsText } from '../../../src/cli/views/search.js'
import type { FoundRepository } from '../../../src/model/search.js'

const found = (name: string, facts: Partial<FoundRepository> = {}): FoundRepository => ({
  ...{ domain: 'docker.io', name, description: '', stars: 0, isOfficial: false, isAutomated: false },
  ...facts,
})
const ALPINE = found('docker.io/library/alpine', { description: 'x'.repeat(45), stars: 10_000, isOfficial: true })
const OTHER = found('docker.io/some/alpine', { description: 'y'.repeat(44), isAutomated: true })
const FLAGS = { compatible: false, 'no-trunc': false } as const
const show = (flags: object) => searchText([ALPINE, OTHER], { ...FLAGS, ...flags })

describe('searchText', () => {
  test('prints the columns of podman, descriptions cut', () => {
    expect(show({})).toBe(
      [
        'NAME                      DESCRIPTION',
        `docker.io/library/alpine  ${'x'.repeat(44)}...`,
        `docker.io/some/alpine     ${'y'.repeat(44)}`,
        '',
      ].join('\n'),
    )
  })
  test('prints the columns of docker when they are wanted', () => {
    expect(show({ compatible: true, 'no-trunc': true })).toBe(
      [
        `NAME                      DESCRIPTION${' '.repeat(36)}STARS       OFFICIAL    AUTOMATED`,
        `docker.io/library/alpine  ${'x'.repeat(45)}  10000       [OK]        `,
        `docker.io/some/alpine     ${'y'.repeat(44)}   0                       [OK]`,
        '',
      ].join('\n'),
    )
  })
  test('has every field it heads, and heads every field it has', () => {
    for (const field of SEARCH_FIELDS) expect(() => show({ format: `{{.${field}}}` }), field).not.toThrow()
    expect(() => show({ format: '{{.Bogus}}' })).toThrow(
      expect.objectContaining({ hint: `fields here are: ${SEARCH_FIELDS.join(', ')}` }),
    )
  })
  test('prints nothing, or an empty list, when nothing was found', () => {
    expect(searchText([], FLAGS)).toBe('')
    expect(JSON.parse(searchText([], { ...FLAGS, format: 'json' }))).toEqual([])
    expect(tagsText('a/b', [], {})).toBe('')
  })
})

test('tagsText prints one line for each tag, and one object for all of them', () => {
  expect(tagsText('a/b', ['1', 'latest'], {})).toBe('NAME        TAG\na/b         1\na/b         latest\n')
  expect(JSON.parse(tagsText('a/b', ['1', 'latest'], { format: 'json' }))).toEqual([
    { Name: 'a/b', Tags: ['1', 'latest'] },
  ])
})

describe('parseSearchFilter', () => {
  const names = (...filters: string[]) =>
    selectFound([ALPINE, OTHER], filters.map(parseSearchFilter)).map(({ name }) => name.split('/')[1])
  test.each([
    [['stars=1'], ['library']],
    [['stars=0'], ['library', 'some']],
    [['is-official'], ['library']],
    [['is-official=false'], ['some']],
    [['is-automated=1'], ['some']],
    [['is-automated', 'stars=1'], []],
    [[], ['library', 'some']],
  ])('%j keeps %j', (filters, kept) => {
    expect(names(...filters)).toEqual(kept)
  })
  test.each(['stars', 'stars=many', 'stars=-1', 'is-official=maybe', 'is-big', 'name=x'])('refuses %s', (filter) => {
    expect(() => parseSearchFilter(filter)).toThrow()
  })
})
