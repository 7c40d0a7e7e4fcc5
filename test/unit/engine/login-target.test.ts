import { expect } from 'vitest'
import { toLoginTarget } from '../../../src/engine/login-target.js'
import { test } from '../../support/home.js'

test.for([
  [undefined, 'docker.io'],
  ['index.docker.io', 'docker.io'],
  ['https://index.docker.io/v1/', 'docker.io'],
  ['http://a.example:5000/some/where', 'a.example:5000'],
  ['quay.io/team/app', 'quay.io/team/app'],
  ['localhost', 'localhost'],
  ['[::1]:5000', '[::1]:5000'],
] as const)('toLoginTarget takes %s for %s', ([registry, key], { home }) => {
  expect(toLoginTarget(home.facts(), registry === undefined ? {} : { registry })).toMatchObject({
    ...{ key, file: `${home.directory}/run/containers/auth.json`, isDockers: false },
  })
})

test.for([
  '',
  '/x',
  'a.example/X',
  'a.example/x:tag',
  'a.example/x@sha256:0',
  'a b',
  'user@a.example',
  'a.example:port',
])('toLoginTarget refuses "%s"', (registry, { home }) => {
  expect(() => toLoginTarget(home.facts(), { registry })).toThrow(`parse registry: "${registry}": it is none`)
})

test("toLoginTarget refuses a part of a registry for docker's file", ({ home }) => {
  const compatAuthFile = '/some/config.json'
  expect(toLoginTarget(home.facts(), { registry: 'a.example', compatAuthFile })).toMatchObject({
    ...{ file: compatAuthFile, authfile: compatAuthFile, isDockers: true },
  })
  expect(() => toLoginTarget(home.facts(), { registry: 'a.example/x', compatAuthFile })).toThrow('holds registries')
})
