// dist/lichen.cjs: the whole program in one CommonJS file, so that V8's code cache covers it (bin/lichen.cjs). dist/frequent.cjs is the
// same program without what the frequent commands do not need: V8 pays for every function of a file, called or not. Heavy libraries
// that a hot path must not load stand beside them in dist/vendor/, and dist/index.js is the API for other programs.

import path from 'node:path'
import esbuild from 'esbuild'
import { DIST, FREQUENT, ROOT, readPackage, writeByRename } from './build-files.mjs'
import { lazyBuiltins } from './build-lazy-builtins.mjs'
import { slimOclif } from './build-slim-oclif.mjs'

const VENDOR = [
  'execa',
  'fzstd',
  'http-proxy-agent',
  'https-proxy-agent',
  'node-fetch',
  'proper-lockfile',
  'proxy-from-env',
  'smol-toml',
  'tar',
]
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
const vendorApart = (names) => ({
  name: 'vendor-apart',
  setup(build) {
    const filter = new RegExp(`^(${names.join('|')})$`)
    build.onResolve({ filter }, ({ path: name }) => ({ path: `./vendor/${name}.cjs`, external: true }))
  },
})
/** Node reads a CommonJS file's `default` as the whole module: what an ES module calls its default must be just that. */
const DEFAULT_IS_MODULE =
  "{const{exports}=module;if(typeof exports.default==='function')module.exports=Object.assign(exports.default,exports)}"

/** A frequent command that comes to what only others need starts the whole program in its place (bin/lichen.cjs, `startWhole`). */
const restApart = {
  name: 'rest-apart',
  setup(build) {
    const isFrequent = (target) => FREQUENT.some((name) => target === `./${name}.js`)
    build.onResolve({ filter: /^\.\.?\// }, ({ kind, path: target, importer }) => {
      if (kind !== 'dynamic-import') return undefined
      const isRest = importer.endsWith('/command-table.gen.ts') ? !isFrequent(target) : NOT_FREQUENT.test(target)
      return isRest ? { path: './whole', external: true } : undefined
    })
  },
}
/** A container whose image must be pulled first is no frequent one, nor is one with devices, secrets or other images' files. */
const NOT_FREQUENT = /\/(pull-image|find-mount-sources|volume-create)\.js$/

/** What every pull needs is in the whole program's code cache. */
const APART_FROM_WHOLE = VENDOR.filter((name) => name !== 'node-fetch' && name !== 'smol-toml')

const bundle = (name, plugins) => ({
  ...COMMON,
  entryPoints: [path.join(ROOT, 'src/main.ts')],
  outfile: path.join(DIST, `${name}.cjs`),
  format: 'cjs',
  define: { ...define, 'import.meta.url': '""' },
  minifySyntax: true,
  minifyWhitespace: true,
  // bin/lichen.cjs reads the file as Latin-1, which is faster than UTF-8.
  charset: 'ascii',
  supported: { 'dynamic-import': false },
  plugins: [...plugins, slimOclif, lazyBuiltins],
})
const program = esbuild.build(bundle('lichen', [vendorApart(APART_FROM_WHOLE)]))
const frequent = esbuild.build(bundle('frequent', [restApart, vendorApart(VENDOR)]))
const libraries = esbuild.build({
  ...COMMON,
  entryPoints: Object.fromEntries(VENDOR.map((name) => [name, name])),
  outdir: path.join(DIST, 'vendor'),
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  footer: { js: DEFAULT_IS_MODULE },
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
for (const { outputFiles } of await Promise.all([libraries, frequent, program, api]))
  for (const { path: file, contents } of outputFiles) writeByRename(file, contents)
