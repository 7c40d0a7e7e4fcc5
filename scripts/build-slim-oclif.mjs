// esbuild plugin: of @oclif/core only Command and Flags go into the program. The rest (its parser, help, config and what they
// depend on, 400 kB) is never reached, because src/commands/base-command.ts takes its place; should that ever change, the
// stand-ins below say so at once. @oclif/core is pinned exactly.

import { readFileSync } from 'node:fs'

const CORE = /node_modules\/@oclif\/core\/lib\//
const KEPT = /^(@oclif\/core\/(command|flags)|\.\/cache)$/
/** Its handler for a closed stdout: our writes have their own, and touching process.stdout sets up a stream (4 ms). */
const STDOUT_HANDLER = /^process\.stdout\.on\('error'[\s\S]*?^\}\);$/m

/** Fine to import, an error to use. `__esModule` is what tsc's import helpers ask for. */
const standIn = (name) => `module.exports = new Proxy({}, {
  get(_, key) {
    if (key === '__esModule') return true
    throw new Error('oclif: ' + ${JSON.stringify(name)} + ' is not part of this program: ' + String(key))
  },
})`

export const slimOclif = {
  name: 'slim-oclif',
  setup(build) {
    build.onResolve({ filter: /^(\.|@oclif|[a-z])/ }, ({ path: name, importer }) => {
      const isForeign = CORE.test(importer) && !KEPT.test(name) && !name.startsWith('node:') && !name.endsWith('.json')
      return isForeign ? { path: name, namespace: 'unreached' } : undefined
    })
    build.onLoad({ filter: /.*/, namespace: 'unreached' }, ({ path: name }) => ({ contents: standIn(name) }))
    build.onLoad({ filter: /@oclif\/core\/lib\/command\.js$/ }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8')
      if (STDOUT_HANDLER.test(source)) return { contents: source.replace(STDOUT_HANDLER, ''), loader: 'js' }
      return { errors: [{ text: '@oclif/core changed: command.js has no stdout handler to take out' }] }
    })
  },
}
