// Executes a template's tree over data (Go's text/template exec.go). Pure: data in, text out.

import { ArityError, FunctionError } from './function-error.js'
import { callFunction } from './functions.js'
import type { Command, Node, Operand, Pipe, Span, Template } from './nodes.js'
import { executionError } from './template-error.js'
import { formatValue, isList, isMap, isStruct, isTrue, sortedEntries } from './values.js'

const MAX_DEPTH = 1000

interface Scope {
  readonly template: Template
  readonly dot: unknown
  /** Innermost last; `''` is $. */
  readonly variables: { readonly name: string; value: unknown }[]
  readonly out: string[]
  readonly depth: number
}

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
  const items = itemsOf(scope, value, pipe.span)
  if (items.length === 0) return walkList(outer, otherwise)
  for (const [key, item] of items) {
    const inner = nested(outer, item)
    bindRange(inner, pipe, key, item)
    if (walkList(inner, body) === 'break') break
  }
  return 'next'
}

function bindRange(
  scope: Scope,
  { variables: [first, second], assigns, span }: Pipe,
  key: unknown,
  item: unknown,
): void {
  const bind = (name: string, value: unknown): void =>
    assigns ? assign(scope, name, value, span) : void scope.variables.push({ name, value })
  if (first !== undefined) bind(first, second === undefined ? item : key)
  if (second !== undefined) bind(second, item)
}

function itemsOf(scope: Scope, value: unknown, span: Span): readonly (readonly [unknown, unknown])[] {
  if (isList(value)) return value.map((item, at) => [at, item] as const)
  if (isMap(value)) return sortedEntries(value)
  if (typeof value === 'number' && Number.isInteger(value))
    return Array.from({ length: Math.max(0, value) }, (_, at) => [at, at] as const)
  if (value === undefined || value === null) return []
  throw executionErrorIn(scope, span, `range can't iterate over ${formatValue(value)}`)
}

/** A scope whose own variables end with it. */
const nested = (scope: Scope, dot: unknown): Scope => ({ ...scope, dot, variables: [...scope.variables] })

function invoke(scope: Scope, { name, pipe, span }: Extract<Node, { kind: 'template' }>): void {
  const body = scope.template.definitions.get(name)
  if (body === undefined) throw executionErrorIn(scope, span, `template "${name}" not defined`)
  if (scope.depth >= MAX_DEPTH) throw executionErrorIn(scope, span, `exceeded maximum template depth (${MAX_DEPTH})`)
  const dot = pipe === undefined ? undefined : evaluatePipe(scope, pipe)
  walkList({ ...scope, dot, variables: [{ name: '', value: dot }], depth: scope.depth + 1 }, body)
}

function evaluatePipe(scope: Scope, pipe: Pipe): unknown {
  let piped: readonly unknown[] = []
  for (const command of pipe.commands) piped = [evaluateCommand(scope, command, piped)]
  const value = piped[0]
  for (const name of pipe.variables)
    if (pipe.assigns) assign(scope, name, value, pipe.span)
    else scope.variables.push({ name, value })
  return value
}

/** Sets the innermost variable of that name, which outer scopes share. */
function assign(scope: Scope, name: string, value: unknown, span: Span): void {
  const variable = scope.variables.findLast((it) => it.name === name)
  if (variable === undefined) throw executionErrorIn(scope, span, `undefined variable: $${name}`)
  variable.value = value
}

/** `piped`: the value of the command before, as the last argument. */
function evaluateCommand(scope: Scope, { operands: [first, ...rest] }: Command, piped: readonly unknown[]): unknown {
  const args = (): readonly unknown[] => [...rest.map((operand) => evaluateOperand(scope, operand)), ...piped]
  switch (first.kind) {
    case 'function':
      return evaluateFunction(scope, first, rest, piped)
    case 'field':
      return readFields(scope, scope.dot, first.names, first.span, args())
    case 'variable':
      return readFields(scope, readVariable(scope, first), first.names, first.span, args())
    case 'chain':
      return readFields(scope, evaluateOperand(scope, first.of), first.names, first.span, args())
    default:
      if (rest.length + piped.length > 0)
        throw executionErrorIn(scope, first.span, `can't give argument to non-function ${textOf(scope, first.span)}`)
      if (first.kind === 'nil') throw executionErrorIn(scope, first.span, 'nil is not a command')
      return evaluateOperand(scope, first)
  }
}

function evaluateOperand(scope: Scope, operand: Operand): unknown {
  switch (operand.kind) {
    case 'dot':
      return scope.dot
    case 'nil':
      return null
    case 'literal':
      return operand.value
    case 'pipe':
      return evaluatePipe(nested(scope, scope.dot), operand.pipe)
    default:
      return evaluateCommand(scope, { operands: [operand] }, [])
  }
}

type FunctionOperand = Extract<Operand, { kind: 'function' }>

function evaluateFunction(
  scope: Scope,
  { name, span }: FunctionOperand,
  operands: readonly Operand[],
  piped: readonly unknown[],
): unknown {
  if (name === 'and' || name === 'or') return evaluateLogic(scope, name, operands, piped, span)
  const args = [...operands.map((operand) => evaluateOperand(scope, operand)), ...piped]
  try {
    return callFunction(name, args)
  } catch (error) {
    if (error instanceof ArityError) throw executionErrorIn(scope, span, error.message)
    if (!(error instanceof FunctionError)) throw error
    const whole = { ...span, to: operands.at(-1)?.span.to ?? span.to }
    throw executionErrorIn(scope, whole, `error calling ${name}: ${error.message}`)
  }
}

/** The first value that decides, or the last; what stands after it is not evaluated. */
function evaluateLogic(
  scope: Scope,
  name: 'and' | 'or',
  operands: readonly Operand[],
  piped: readonly unknown[],
  span: Span,
): unknown {
  if (operands.length + piped.length === 0)
    throw executionErrorIn(scope, span, `wrong number of args for ${name}: want at least 1 got 0`)
  let value: unknown
  for (const operand of operands) {
    value = evaluateOperand(scope, operand)
    if (isTrue(value) === (name === 'or')) return value
  }
  return piped.length > 0 ? piped[0] : value
}

function readVariable(scope: Scope, { name, span }: { name: string; span: Span }): unknown {
  const variable = scope.variables.findLast((it) => it.name === name)
  if (variable === undefined) throw executionErrorIn(scope, span, `undefined variable: $${name}`)
  return variable.value
}

/** Only the last name may be a method and take the arguments. */
function readFields(
  scope: Scope,
  from: unknown,
  names: readonly string[],
  span: Span,
  args: readonly unknown[],
): unknown {
  let value = from
  for (const [at, name] of names.entries())
    value = readField(scope, value, name, span, at === names.length - 1 ? args : [])
  if (names.length === 0 && args.length > 0) throw executionErrorIn(scope, span, "can't give argument to non-function")
  return value
}

function readField(scope: Scope, from: unknown, name: string, span: Span, args: readonly unknown[]): unknown {
  if (isMap(from) && args.length === 0) return from.get(name)
  if (isMap(from)) throw executionErrorIn(scope, span, `${name} is not a method but has arguments`)
  if (from === undefined || from === null)
    throw executionErrorIn(scope, span, `nil pointer evaluating interface {}.${name}`)
  if (!isStruct(from) || !Object.hasOwn(from, name)) {
    const fields = isStruct(from) ? `fields here are: ${Object.keys(from).join(', ')}` : undefined
    throw executionErrorIn(
      scope,
      span,
      `can't evaluate field ${name} in type ${isStruct(from) ? 'struct' : typeof from}`,
      fields,
    )
  }
  const value = from[name]
  if (typeof value === 'function') return (value as (...args: readonly unknown[]) => unknown)(...args)
  if (args.length > 0) throw executionErrorIn(scope, span, `${name} has arguments but cannot be invoked as function`)
  return value
}

const textOf = ({ template }: Scope, { from, to }: Span): string => template.source.slice(from, to)

const executionErrorIn = ({ template }: Scope, span: Span, what: string, hint?: string) =>
  executionError({ name: template.name, text: template.source }, span, what, hint)
