// The arrows of the house (DESIGN, "The house") as data, and a check that names each offender. Pure: files in, sentences out.

import { dirname, join } from 'node:path/posix'
import ts from 'typescript'

const WORKSHOPS = ['images', 'storage', 'network', 'runtime', 'state'] as const

/** What each room of src/ may import besides itself. A room that is not listed here may not exist. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['cli', 'commands', 'model'],
  'index.ts': ['engine', 'model'],
  commands: ['cli', 'engine', 'model'],
  cli: ['model'],
  engine: [...WORKSHOPS, 'platform', 'model'],
  ...Object.fromEntries(WORKSHOPS.map((room) => [room, ['platform', 'model']])),
  platform: ['model'],
  model: [],
}

/** Where a package, or a part of Node that belongs to one room, may be imported: each has one door. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  '@oclif/core': ['commands/', 'cli/'],
  execa: ['platform/process.ts'],
  tar: ['platform/archive.ts'],
  'node-fetch': ['images/registry/http.ts'],
  'proper-lockfile': ['platform/lock.ts'],
  fzstd: ['platform/zstd.ts'],
  'smol-toml': ['platform/toml.ts'],
  'http-proxy-agent': ['images/registry/agents.ts'],
  'https-proxy-agent': ['images/registry/agents.ts'],
  'proxy-from-env': ['images/registry/agents.ts'],
  'node:os': ['platform/host-facts.ts'],
  'node:child_process': ['platform/', 'runtime/monitor.ts'],
}

/** Who may ask where the C program is: the rooms that speak to it, and the verbs that pass its path on. */
const MONITOR_CALLERS = [
  'platform/',
  'runtime/',
  'engine/bundle.ts',
  'engine/copy-up.ts',
  'engine/launch.ts',
  'engine/unshare.ts',
]

/** Who may read the environment; the entry must know LICHEN_DEBUG even when nothing else could be loaded. */
const ENVIRONMENT_READERS = ['platform/host-facts.ts', 'main.ts']

const MOST_LINES = 400
const NO_HOME = /(^|\/)(util|utils|common|helper|helpers|misc|shared)(\/|\.ts$)/

/** `files`: path below src/ → text. Returns one sentence for each offence, none when the house stands. */
export function findOffences(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, text]) => [
    ...checkSize(path, text),
    ...(path.endsWith('.ts') ? [...checkName(path), ...checkImports(path, text), ...checkEnvironment(path, text)] : []),
  ])
}

function checkSize(path: string, text: string): string[] {
  const lines = text.split('\n').length - 1
  return lines > MOST_LINES && !path.endsWith('.gen.ts')
    ? [`${path} has ${lines} lines: ${MOST_LINES} is the most`]
    : []
}

function checkName(path: string): string[] {
  if (NO_HOME.test(path)) return [`${path}: a helper lives where its subject lives`]
  return path.endsWith('/index.ts') ? [`${path}: no barrels: import the file that is needed`] : []
}

function checkImports(path: string, text: string): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map((file) => file.fileName)
    .flatMap((target) => (target.startsWith('.') ? checkArrow(path, target) : checkDoor(path, target)))
    .concat(checkMonitorCaller(path, text))
}

function checkArrow(path: string, target: string): string[] {
  const resolved = join(dirname(path), target)
  const [from, to] = [roomOf(path), roomOf(resolved)]
  const allowed = ARROWS[from]
  if (allowed === undefined) return [`${path}: ${from} is no room of the house`]
  return from === to || allowed.includes(to) ? [] : [`${path} imports ${resolved}: ${from} may not import ${to}`]
}

function checkDoor(path: string, target: string): string[] {
  if (roomOf(path) === 'model') return [`${path} imports ${target}: model imports nothing`]
  const door = Object.entries(DOORS).find(([name]) => target === name || target.startsWith(`${name}/`))
  if (door === undefined)
    return target.startsWith('node:') ? [] : [`${path} imports ${target}: a package without a door`]
  return door[1].some((place) => path.startsWith(place))
    ? []
    : [`${path} imports ${target}: its door is ${door[1].join(', ')}`]
}

function checkMonitorCaller(path: string, text: string): string[] {
  const asks = /\bimport\b[^;]*?\bmonitorProgram\b[^;]*?\bfrom\b/s.test(text)
  return asks && !MONITOR_CALLERS.some((place) => path.startsWith(place))
    ? [`${path} asks where the C program is: only ${MONITOR_CALLERS.join(', ')} may`]
    : []
}

/** `process.env` of Node's own process, not of a value that a file happens to call `process`. */
function checkEnvironment(path: string, text: string): string[] {
  if (ENVIRONMENT_READERS.includes(path)) return []
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const offences: string[] = []
  const visit = (node: ts.Node): void => {
    if (isEnvironment(node) && !isShadowed(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart())
      offences.push(`${path}:${line + 1} reads process.env: that is platform/host-facts.ts's`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return offences
}

function isEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.getText() === 'process.env'
  return ts.isElementAccessExpression(node) && /^process\[['"]env['"]\]$/.test(node.getText())
}

/** Whether a scope around the node declares a `process` of its own. */
function isShadowed(node: ts.Node): boolean {
  for (let scope = node.parent; scope !== undefined; scope = scope.parent) {
    const declares = (child: ts.Node): boolean =>
      ((ts.isParameter(child) || ts.isVariableDeclaration(child) || ts.isBindingElement(child)) &&
        child.name.getText() === 'process') ||
      (!ts.isFunctionLike(child) && (ts.forEachChild(child, declares) ?? false))
    if ((ts.isFunctionLike(scope) || ts.isBlock(scope)) && ts.forEachChild(scope, declares) === true) return true
  }
  return false
}

function roomOf(path: string): string {
  const slash = path.indexOf('/')
  return slash < 0 ? path.replace(/\.js$/, '.ts') : path.slice(0, slash)
}
