// esbuild plugin: node:crypto (2–5 ms to load) and node:child_process are loaded at the first call, not by every command whose
// modules could need them. Only functions can wait like this; importing a class from one of them fails the build.

import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const LAZY = /^node:(child_process|crypto|zlib)$/

function functionsOf(name) {
  const isFunction = ([key, value]) => typeof value === 'function' && /^[a-z]/.test(key)
  const wrap = ([key]) => `export const ${key} = (...args) => require('${name}').${key}(...args)`
  return Object.entries(require(name)).filter(isFunction).map(wrap).join('\n')
}

export const lazyBuiltins = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: LAZY }, ({ path: name, kind, importer }) =>
      kind === 'import-statement' && !importer.includes('/node_modules/')
        ? { path: name, namespace: 'lazy-builtin', sideEffects: false }
        : undefined,
    )
    build.onLoad({ filter: LAZY, namespace: 'lazy-builtin' }, ({ path: name }) => ({ contents: functionsOf(name) }))
  },
}
