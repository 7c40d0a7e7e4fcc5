// The command classes → oclif.manifest.json, src/commands/command-table.gen.ts, completions and man pages.
// The classes are the only declaration. `--check` writes nothing and fails when a committed file is out of date.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { Config } from '@oclif/core'
import esbuild from 'esbuild'
import { bashCompletion } from './build-completion-bash.mjs'
import { fishCompletion } from './build-completion-fish.mjs'
import { zshCompletion } from './build-completion-zsh.mjs'
import { DIST, isSame, ROOT, readPackage, writeByRename } from './build-files.mjs'
import { manPages } from './build-man.mjs'
import { tableSource } from './build-table.mjs'

const COMMANDS = path.join(ROOT, 'src/commands')
const NOT_COMMANDS = new Set(['base-command.ts', 'topics.ts', 'command-table.gen.ts'])

/** What a command imports when it runs is no part of its declaration. */
const externalIfLazy = ({ kind, path: target }) =>
  kind === 'dynamic-import' ? { path: target, external: true } : undefined

const scratch = mkdtempSync(path.join(ROOT, 'node_modules/.lichen-build-'))
try {
  const { classes, modules, topics, help } = await loadDeclarations(scratch)
  const manifest = await makeManifest(scratch)
  const table = tableSource(manifest.commands, modules)
  const committed = [
    [path.join(ROOT, 'oclif.manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`],
    [path.join(COMMANDS, 'command-table.gen.ts'), table],
  ]
  if (process.argv.includes('--check')) checkUpToDate(committed)
  else {
    const cli = { classes, topics, commands: manifest.commands, ...help, version: readPackage().version }
    const made = [
      ['completions/lichen.bash', bashCompletion(cli)],
      ['completions/lichen.zsh', zshCompletion(cli)],
      ['completions/lichen.fish', fishCompletion(cli)],
      ...manPages(cli),
    ]
    for (const [file, content] of committed) writeByRename(file, content)
    for (const [file, content] of made) writeByRename(path.join(DIST, file), content)
  }
} finally {
  rmSync(scratch, { recursive: true })
}

/** Bundles the classes without what they import when they run, and loads them. */
async function loadDeclarations(outdir) {
  const modules = readdirSync(COMMANDS, { recursive: true })
    .filter((name) => name.endsWith('.ts') && !NOT_COMMANDS.has(name))
    .sort()
  const ids = modules.map((name) => name.slice(0, -'.ts'.length).replaceAll(path.sep, ':'))
  const imports = modules.map((name, at) => `import c${at} from './${name}'`)
  const contents = [
    ...imports,
    `export const COMMANDS = { ${ids.map((id, at) => `'${id}': c${at}`).join(', ')} }`,
    `export { topics } from './topics.ts'`,
    `export { globalFlags, helpFlag, versionFlag, withGlobalFlags } from '../cli/global-flags.ts'`,
    `export { flagLines } from '../cli/help.ts'`,
  ].join('\n')
  const outfile = path.join(outdir, 'commands.mjs')
  await esbuild.build({
    stdin: { contents, resolveDir: COMMANDS, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    plugins: [{ name: 'declarations-only', setup: (build) => build.onResolve({ filter: /^\./ }, externalIfLazy) }],
  })
  const { COMMANDS: classes, topics, ...help } = await import(pathToFileURL(outfile).href)
  return { classes, topics, help, modules: Object.fromEntries(ids.map((id, at) => [id, modules[at]])) }
}

/** oclif's own manifest, from the bundled classes by its `explicit` strategy. */
async function makeManifest(dir) {
  const { name, version } = readPackage()
  const oclif = {
    bin: 'lichen',
    topicSeparator: ' ',
    commands: { strategy: 'explicit', target: './commands.mjs', identifier: 'COMMANDS' },
  }
  writeByRename(path.join(dir, 'package.json'), JSON.stringify({ name, version, type: 'module', oclif }))
  const { commands } = (await Config.load(dir)).plugins.get(name).manifest
  const sorted = Object.keys(commands).sort()
  return { commands: Object.fromEntries(sorted.map((id) => [id, withoutPlace(commands[id])])), version }
}

/** What depends on where the build ran, or says nothing. */
function withoutPlace({ pluginName, pluginAlias, pluginType, isESM, relativePath, arity, ...command }) {
  return arity === undefined
    ? command
    : { ...command, arity: { ...arity, max: Number.isFinite(arity.max) ? arity.max : null } }
}

function checkUpToDate(files) {
  const stale = files.filter(([file, content]) => !isSame(file, content)).map(([file]) => path.relative(ROOT, file))
  if (stale.length === 0) return
  process.stderr.write(`build-commands: out of date: ${stale.join(', ')}: run scripts/build and commit them\n`)
  process.exitCode = 1
}
