// esbuild plugin: puts off the top-level require()s of @oclif/core until first use. Its Command and Flags are a few lines, but
// loading them pulls in its help, its config and semver (60 ms). Rewrites what tsc emits, so @oclif/core is pinned exactly, and a
// version in which nothing is found to rewrite fails the build.

import { readFileSync } from 'node:fs'
import path from 'node:path'

const REQUIRE = /^(?:const|var|let) (\w+_\d+|Errors|Parser) = (?:(__importDefault|__importStar)\()?require\((["'][^"']+["'])\)\)?;$/gm
const REEXPORT = /^exports\.(\w+) = __importStar\(require\(("[^"]+")\)\);$/gm
/** Its handler for a closed stdout: our writes have their own, and touching process.stdout sets up a stream (4 ms). */
const STDOUT_HANDLER = /^process\.stdout\.on\('error'[\s\S]*?^\}\);$/m
/** Reads its own package.json through the lazy require at load time, for a version string nothing here asks for. */

export function deferRequires(code) {
  const names = []
  const deferred = code
    .replace(STDOUT_HANDLER, '')
    .replace(REEXPORT, (_, name, spec) => `{ let v; Object.defineProperty(exports, '${name}', { enumerable: true, get: () => (v ??= __importStar(require(${spec}))) }); }`)
    .replace(REQUIRE, (_, name, wrap, spec) => {
      names.push(name)
      const load = wrap === undefined ? `require(${spec})` : `${wrap}(require(${spec}))`
      return `let ${name}$v; const ${name}$ = () => (${name}$v ??= ${load});`
    })
  return names.reduce((text, name) => text.replace(new RegExp(`(?<![\\w$.'"/])${name}(?![\\w$'"/])`, 'g'), `${name}$()`), deferred)
}

export const lazyOclif = {
  name: 'lazy-oclif',
  setup(build) {
    let deferredCommand = false
    build.onLoad({ filter: /node_modules\/@oclif\/core\/lib\/.*\.js$/ }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8')
      const contents = deferRequires(source)
      if (file.endsWith('/command.js')) deferredCommand = contents !== source && !STDOUT_HANDLER.test(contents)
      return { contents, loader: 'js', resolveDir: path.dirname(file) }
    })
    build.onEnd(() =>
      deferredCommand ? undefined : { errors: [{ text: '@oclif/core changed: scripts/build-lazy-oclif.mjs found nothing to defer' }] },
    )
  },
}
