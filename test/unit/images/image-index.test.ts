import { expect, test } from 'vitest'
import {
  fromIndexOf,
  nameOf,
  withFromIndex,
  withNames,
  withoutManifests,
  withoutName,
} from '../../../src/images/image-index.js'
import type { Descriptor, Digest } from '../../../src/model/image.js'

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`
const bare = (letter: string): Descriptor => ({ mediaType: 'm', digest: digest(letter), size: 1 })
const named = (letter: string, name: string): Descriptor => ({
  ...bare(letter),
  annotations: { 'org.opencontainers.image.ref.name': name },
})
const shown = (manifests: readonly Descriptor[]) =>
  manifests.map((entry) => `${entry.digest.at(-1)}=${nameOf(entry) ?? '<none>'}`).sort()

test('withNames() gives a manifest one descriptor for each name', () => {
  expect(shown(withNames([], bare('a'), ['x', 'y']))).toEqual(['a=x', 'a=y'])
})

test('withNames() keeps a manifest without names as one dangling descriptor', () => {
  expect(shown(withNames(withNames([], bare('a'), []), bare('a'), []))).toEqual(['a=<none>'])
})

test('withNames() takes a name from whoever had it, and keeps that one as dangling after its last name', () => {
  const before = [named('a', 'x'), named('a', 'y'), named('b', 'z')]
  expect(shown(withNames(before, bare('c'), ['x']))).toEqual(['a=y', 'b=z', 'c=x'])
  expect(shown(withNames(before, bare('c'), ['z']))).toEqual(['a=x', 'a=y', 'b=<none>', 'c=z'])
})

test('withNames() is idempotent', () => {
  const once = withNames([named('b', 'z')], bare('a'), ['x'])
  expect(shown(withNames(once, bare('a'), ['x']))).toEqual(shown(once))
})

test('withNames() drops the nameless descriptor of a manifest that gets a name', () => {
  expect(shown(withNames([bare('a')], bare('a'), ['x']))).toEqual(['a=x'])
})

test('withNames() leaves the other names of a manifest that is given another one', () => {
  expect(shown(withNames([named('a', 'x')], bare('a'), ['y']))).toEqual(['a=x', 'a=y'])
})

test('withoutName() leaves a dangling descriptor after the last name only', () => {
  const before = [named('a', 'x'), named('a', 'y')]
  expect(shown(withoutName(before, 'x'))).toEqual(['a=y'])
  expect(shown(withoutName(withoutName(before, 'x'), 'y'))).toEqual(['a=<none>'])
  expect(shown(withoutName(before, 'other'))).toEqual(['a=x', 'a=y'])
})

test('withoutManifests() removes every descriptor of a manifest', () => {
  expect(shown(withoutManifests([named('a', 'x'), bare('b'), named('a', 'y')], new Set([digest('a')])))).toEqual([
    'b=<none>',
  ])
})

test('withNames() and withoutName() keep which index a manifest came from, for each name and as dangling', () => {
  const pulled = withFromIndex(bare('a'), digest('1'))
  const named = withNames(withNames([], pulled, ['x']), bare('a'), ['y'])
  expect(named.map((entry) => [nameOf(entry), fromIndexOf(entry)])).toEqual([
    ['x', digest('1')],
    ['y', undefined],
  ])
  const [dangling] = withNames(withNames([], pulled, ['x']), bare('b'), ['x']).filter((it) => it.digest === digest('a'))
  expect(dangling).toEqual(pulled)
  expect(withoutName(withNames([], pulled, ['x']), 'x')).toEqual([pulled])
})

test('fromIndexOf() takes nothing that is no digest', () => {
  expect(fromIndexOf({ ...bare('a'), annotations: { 'org.lichen.index.digest': 'sha256:../../etc/passwd' } })).toBe(
    undefined,
  )
})
