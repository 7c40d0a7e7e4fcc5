// dist/lichen.cjs: the whole program in one CommonJS file, so that V8's code cache covers it (bin/lichen.cjs). Heavy libraries
// that a hot path must not load stand beside it in dist/vendor/, and dist/index.js is the API for other programs.

import path from 'node:path'
import esbuild from 'esbuild'
import { DIST, ROOT, readPackage, writeByRename } from './build-files.mjs'
import { lazyBuiltins } from './build-lazy-builtins.mjs'
import { slimOclif } from './build-slim-oclif.mjs'

const VENDOR = ['execa', 'node-fetch', 'proper-lockfile', 'tar']
const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  charset: 'utf8',
  legalComments: 'none',
  write: false,
  logLevel: 'warning',
}

const { version } = readPackage()
const define = { LICHEN_VERSION: JSON.stringify(version), 'process.env.NODE_ENV': '"production"' }

/** Static imports of a heavy library become a `require` of its own file, run when the module that needs it first runs. */
const vendorApart = {
  name: 'vendor-apart',
  setup(build) {
    const filter = new RegExp(`^(${VENDOR.join('|')})$`)
    build.onResolve({ filter }, ({ path: name }) => ({ path: `./vendor/${name}.cjs`, external: true }))
  },
}
const program = esbuild.build({
  ...COMMON,
  entryPoints: [path.join(ROOT, 'src/main.ts')],
  outfile: path.join(DIST, 'lichen.cjs'),
  format: 'cjs',
  define: { ...define, 'import.meta.url': '""' },
  minifySyntax: true,
  minifyWhitespace: true,
  // bin/lichen.cjs reads the file as Latin-1, which is faster than UTF-8.
  charset: 'ascii',
  supported: { 'dynamic-import': false },
  plugins: [vendorApart, slimOclif, lazyBuiltins],
})
const libraries = esbuild.build({
  ...COMMON,
  entryPoints: Object.fromEntries(VENDOR.map((name) => [name, name])),
  outdir: path.join(DIST, 'vendor'),
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  absWorkingDir: ROOT,
})
const api = esbuild.build({
  ...COMMON,
  entryPoints: [path.join(ROOT, 'src/index.ts')],
  outfile: path.join(DIST, 'index.js'),
  format: 'esm',
  packages: 'external',
  define,
})
for (const { outputFiles } of await Promise.all([libraries, program, api]))
  for (const { path: file, contents } of outputFiles) writeByRename(file, contents)
