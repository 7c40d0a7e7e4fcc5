// Executes a template's tree over data (Go's text/template exec.go). Pure: data in, text out.

import type { Node, Pipe, Template } from './nodes.js'
import { evaluatePipe } from './pipes.js'
import { complain, findVariable, nested, type Scope } from './scope.js'
import { formatValue, isList, isMap, isTrue, sortedEntries } from './values.js'

const MAX_DEPTH = 1000

type Item = readonly [key: unknown, value: unknown]
type Flow = 'next' | 'break' | 'continue'

export function execute(template: Template, data: unknown): string {
  const out: string[] = []
  walkList({ template, dot: data, variables: [{ name: '', value: data }], out, depth: 0 }, template.root)
  return out.join('')
}

function walkList(scope: Scope, nodes: readonly Node[]): Flow {
  for (const node of nodes) {
    const flow = walk(scope, node)
    if (flow !== 'next') return flow
  }
  return 'next'
}

function walk(scope: Scope, node: Node): Flow {
  switch (node.kind) {
    case 'text':
      scope.out.push(node.text)
      return 'next'
    case 'action': {
      const value = evaluatePipe(scope, node.pipe)
      if (node.pipe.variables.length === 0)
        scope.out.push(value === undefined || value === null ? '<no value>' : formatValue(value))
      return 'next'
    }
    case 'if':
    case 'with':
      return walkBranch(scope, node)
    case 'range':
      return walkRange(scope, node)
    case 'template':
      invoke(scope, node)
      return 'next'
    case 'break':
    case 'continue':
      return node.kind
  }
}

type Branch = Extract<Node, { kind: 'if' | 'with' | 'range' }>

function walkBranch(scope: Scope, { kind, pipe, body, otherwise }: Branch): Flow {
  const inner = nested(scope, scope.dot)
  const value = evaluatePipe(inner, pipe)
  if (!isTrue(value)) return walkList(inner, otherwise)
  return walkList(kind === 'with' ? { ...inner, dot: value } : inner, body)
}

function walkRange(scope: Scope, { pipe, body, otherwise }: Branch): Flow {
  const outer = nested(scope, scope.dot)
  const value = evaluatePipe(outer, { ...pipe, variables: [] })
  const items = itemsOf(value)
  if (items === undefined)
    throw complain(scope, { span: pipe.span, what: `range can't iterate over ${formatValue(value)}` })
  if (items.length === 0) return walkList(outer, otherwise)
  for (const item of items) {
    const inner = nested(outer, item[1])
    bindRange(inner, pipe, item)
    if (walkList(inner, body) === 'break') break
  }
  return 'next'
}

function bindRange(scope: Scope, { variables: [first, second], assigns }: Pipe, [key, item]: Item): void {
  const bind = (name: string, value: unknown): void => {
    if (assigns) findVariable(scope, name).value = value
    else scope.variables.push({ name, value })
  }
  if (first !== undefined) bind(first, second === undefined ? item : key)
  if (second !== undefined) bind(second, item)
}

/** Key and value of each; undefined for what has none. */
function itemsOf(value: unknown): readonly Item[] | undefined {
  if (isList(value)) return value.map((item, at) => [at, item] as const)
  if (isMap(value)) return sortedEntries(value)
  if (typeof value === 'number' && Number.isInteger(value))
    return Array.from({ length: Math.max(0, value) }, (_, at) => [at, at] as const)
  return value === undefined || value === null ? [] : undefined
}

function invoke(scope: Scope, { name, pipe, span }: Extract<Node, { kind: 'template' }>): void {
  const body = scope.template.definitions.get(name)
  if (body === undefined) throw complain(scope, { span, what: `template "${name}" not defined` })
  if (scope.depth >= MAX_DEPTH) throw complain(scope, { span, what: `exceeded maximum template depth (${MAX_DEPTH})` })
  const dot = pipe === undefined ? undefined : evaluatePipe(scope, pipe)
  walkList({ ...scope, dot, variables: [{ name: '', value: dot }], depth: scope.depth + 1 }, body)
}
