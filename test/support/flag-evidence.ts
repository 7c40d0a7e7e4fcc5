// Which flags the e2e tests type, read from their sources: the proof behind test/e2e/FLAGS.md. Reads no values and runs nothing.
// A flag counts for a command where a command line written in one piece is parsed to it, or where its long name and the
// command's name stand in one test (with the functions and tables of the same file that the test uses).

import ts from 'typescript'
import { type FlagShapes, splitWords } from '../../src/cli/pflag.js'

export interface KnownCommand {
  /** Every way to type it: `ps`, `container ls`. */
  readonly names: readonly string[]
  readonly flags: FlagShapes
  readonly interspersed: boolean
}

export interface Evidence {
  /** `ps --all`, in tests that podman can be put under. */
  readonly both: ReadonlySet<string>
  /** In any test. */
  readonly any: ReadonlySet<string>
}

interface Unit {
  readonly node: ts.Node
  readonly isLichenOnly: boolean
}

export function findEvidence(sources: readonly string[], commands: readonly KnownCommand[]): Evidence {
  const both = new Set<string>()
  const any = new Set<string>()
  for (const source of sources) {
    const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true)
    const declared = declarations(file)
    for (const { node, isLichenOnly } of findTests(file, declared))
      for (const typed of typedIn(withUsed(node, declared), commands)) {
        any.add(typed)
        if (!isLichenOnly) both.add(typed)
      }
  }
  return { both, any }
}

/** The functions and constants at a file's top level. */
function declarations(file: ts.SourceFile): ReadonlyMap<string, ts.Node> {
  const found = new Map<string, ts.Node>()
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) found.set(statement.name.text, statement)
    if (ts.isVariableStatement(statement))
      for (const declaration of statement.declarationList.declarations)
        if (ts.isIdentifier(declaration.name)) found.set(declaration.name.text, declaration)
  }
  return found
}

/** Every call of `test`, `lichenTest`, `test.for(…)(…)` and the like that has a body. */
function findTests(file: ts.SourceFile, declared: ReadonlyMap<string, ts.Node>): readonly Unit[] {
  const units: Unit[] = []
  const visit = (node: ts.Node): void => {
    const name = ts.isCallExpression(node) && node.arguments.length > 1 ? rootName(node.expression) : undefined
    if (name === undefined || !/(^t|T)est$/.test(name)) {
      ts.forEachChild(node, visit)
      return
    }
    const callee = (node as ts.CallExpression).expression.getText()
    const made = `${callee} ${declared.get(name)?.getText() ?? ''}`
    units.push({ node, isLichenOnly: /[iI]sLichen|lichenTest/.test(made) })
  }
  visit(file)
  return units
}

function rootName(callee: ts.Expression): string | undefined {
  if (ts.isIdentifier(callee)) return callee.text
  if (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) return rootName(callee.expression)
  return undefined
}

/** A test and what it uses of its own file, directly or through others. */
function withUsed(test: ts.Node, declared: ReadonlyMap<string, ts.Node>): readonly ts.Node[] {
  const used = new Set([test])
  for (const node of used)
    walk(node, (part) => {
      const target = ts.isIdentifier(part) ? declared.get(part.text) : undefined
      if (target !== undefined) used.add(target)
    })
  return [...used]
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

function typedIn(nodes: readonly ts.Node[], commands: readonly KnownCommand[]): readonly string[] {
  const words = new Set<string>()
  const lines: string[][] = []
  for (const node of nodes)
    walk(node, (part) => {
      for (const word of literalWords(part)) words.add(word)
      if (ts.isCallExpression(part)) lines.push(part.arguments.flatMap(lineWords))
      else if (ts.isArrayLiteralExpression(part)) lines.push(part.elements.flatMap(lineWords))
      else if (isText(part) || ts.isTemplateExpression(part)) lines.push(...scriptLines(part))
    })
  return commands.flatMap((command) => [...inLines(lines, command), ...inWords(words, lines, command)])
}

const isText = (node: ts.Node): node is ts.StringLiteralLike => ts.isStringLiteralLike(node)

/** The words of a literal, flags without their values. */
function literalWords(node: ts.Node): readonly string[] {
  const isPart = isText(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
  return isPart ? node.text.split(/[\s"'`]+/).map((word) => word.replace(/=.*/, '')) : []
}

/** The command lines of a script for a shell. */
function scriptLines(node: ts.StringLiteralLike | ts.TemplateExpression): string[][] {
  const text = isText(node)
    ? node.text
    : `${node.head.text}${node.templateSpans.map(({ literal }) => `x${literal.text}`).join('')}`
  return text.split(/[;|&\n()]+/).map((line) => line.trim().split(/\s+/))
}

/** What an argument adds to a command line: a literal itself, something computed a word that stands for it. */
function lineWords(node: ts.Expression): readonly string[] {
  if (isText(node)) return [node.text]
  if (ts.isTemplateExpression(node)) return [`${node.head.text}x`]
  if (!ts.isSpreadElement(node)) return ts.isObjectLiteralExpression(node) ? [] : ['x']
  return ts.isArrayLiteralExpression(node.expression) ? node.expression.elements.flatMap(lineWords) : []
}

/** Where the command's name ends in a line; the words before it may be global flags. */
function endOfName(line: readonly string[], names: readonly string[]): number | undefined {
  for (const name of names.map((it) => it.split(' ')))
    for (let at = 0; at + name.length <= line.length && at < 8; at++)
      if (name.every((word, index) => line[at + index] === word)) return at + name.length
  return undefined
}

function inLines(lines: readonly (readonly string[])[], command: KnownCommand): readonly string[] {
  const found: string[] = []
  for (const line of lines) {
    const end = endOfName(line, command.names)
    if (end === undefined) continue
    for (const flag of parsedFlags(line.slice(end), command)) found.push(`${command.names[0]} --${flag}`)
  }
  return found
}

function parsedFlags(words: readonly string[], { flags, interspersed }: KnownCommand): readonly string[] {
  try {
    return splitWords(words, flags, interspersed).tokens.map(({ flag }) => flag)
  } catch {
    return []
  }
}

function inWords(
  words: ReadonlySet<string>,
  lines: readonly (readonly string[])[],
  { names, flags }: KnownCommand,
): readonly string[] {
  if (!lines.some((line) => endOfName(line, names) !== undefined)) return []
  return Object.keys(flags)
    .filter((flag) => [flag, ...(flags[flag]?.aliases ?? [])].some((name) => words.has(`--${name}`)))
    .map((flag) => `${names[0]} --${flag}`)
}
