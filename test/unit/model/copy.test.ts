// The rules of `cp`: what a copy is called where it arrives.

import { describe, expect, test } from 'vitest'
import { parseCopyPlaces } from '../../../src/cli/values/copy-place.js'
import { type CopyEnd, nameInStream, planCopy, planUnpack } from '../../../src/model/copy.js'
import { ConflictError, NotFoundError, UsageError } from '../../../src/model/errors.js'

const end = (kind: CopyEnd['kind'], path: string, said = path): CopyEnd => ({ said, where: 'the host', kind, path })

describe('planCopy', () => {
  test.each([
    ['a file into a directory', end('file', '/s/f'), end('directory', '/d'), { name: 'f', into: '/d' }],
    ['a file to a new name', end('file', '/s/f'), end('missing', '/d/new'), { name: 'new', into: '/d' }],
    ['a file to a new name in the root', end('file', '/s/f'), end('missing', '/new'), { name: 'new', into: '/' }],
    ['a file over a file', end('file', '/s/f'), end('file', '/d/old'), { name: 'old', into: '/d' }],
    ['a pipe over a link to nothing', end('other', '/s/p'), end('other', '/d/l'), { name: 'l', into: '/d' }],
    ['a directory into one', end('directory', '/s/d'), end('directory', '/e'), { name: 'd', into: '/e' }],
    ['a directory to a new name', end('directory', '/s/d'), end('missing', '/e/n', '/e/n/'), { name: 'n', into: '/e' }],
    ['contents into a directory', end('directory', '/s/d', 'd/.'), end('directory', '/e'), { into: '/e' }],
    ['contents to a new name', end('directory', '/s/d', '.'), end('missing', '/e/n'), { name: 'n', into: '/e' }],
    ['the root into a directory', end('directory', '/'), end('directory', '/e'), { name: '.', into: '/e' }],
  ])('planCopy plans %s', (_what, source, destination, plan) => {
    expect(planCopy(source, destination)).toEqual(plan)
  })

  test.each([
    ['a source that is not there', end('missing', '/s'), end('directory', '/d'), NotFoundError],
    ['a source in a directory that is not there', end('nowhere', '/s'), end('directory', '/d'), NotFoundError],
    ['a destination in no directory', end('file', '/s'), end('nowhere', '/d/x'), NotFoundError],
    ['a file to a directory that is not there', end('file', '/s'), end('missing', '/d', '/d/'), NotFoundError],
    ['a directory over a file', end('directory', '/s'), end('file', '/f'), ConflictError],
    ['a file to a file with a slash', end('file', '/s'), end('file', '/f', '/f/'), ConflictError],
  ])('planCopy refuses %s', (_what, source, destination, error) => {
    expect(() => planCopy(source, destination)).toThrow(error)
  })
})

test('nameInStream is the last name of what is copied, and none for contents', () => {
  expect(nameInStream(end('file', '/a/f', 'link'))).toBe('f')
  expect(nameInStream(end('directory', '/a/d'))).toBe('d')
  expect(nameInStream(end('directory', '/a/d', '/a/d/.'))).toBeUndefined()
  expect(() => nameInStream(end('missing', '/a/d'))).toThrow(NotFoundError)
})

test('planUnpack wants a directory', () => {
  expect(planUnpack(end('directory', '/d'))).toEqual({ into: '/d' })
  expect(() => planUnpack(end('file', '/d'))).toThrow(/must be a directory when copying from stdin/)
  expect(() => planUnpack(end('nowhere', '/d'))).toThrow(NotFoundError)
})

describe('parseCopyPlaces', () => {
  test('parseCopyPlaces tells containers from paths as podman does', () => {
    const file = { kind: 'host', path: './c:/x' }
    expect(parseCopyPlaces('c:/x', './c:/x')).toEqual([{ kind: 'container', container: 'c', path: '/x' }, file])
    expect(parseCopyPlaces('a', 'c:x:y')).toEqual([
      { kind: 'host', path: 'a' },
      { kind: 'container', container: 'c', path: 'x:y' },
    ])
    expect(parseCopyPlaces('-', 'c:/')).toEqual([{ kind: 'stream' }, { kind: 'container', container: 'c', path: '/' }])
  })

  test.each([
    ['a', 'b'],
    ['-', '-'],
    ['-', './c:/x'],
    ['c:', 'x'],
    ['', 'c:/x'],
  ])('parseCopyPlaces refuses %j %j', (source, destination) => {
    expect(() => parseCopyPlaces(source, destination)).toThrow(UsageError)
  })
})
