// Evaluates the pipelines of a template: commands, their operands, fields, methods and variables (Go's text/template exec.go).

import { ArityError, FunctionError } from './function-error.js'
import { callFunction } from './functions.js'
import type { Command, Operand, Pipe, Span } from './nodes.js'
import { complain, findVariable, nested, type Scope } from './scope.js'
import { isMap, isStruct, isTrue } from './values.js'

export function evaluatePipe(scope: Scope, pipe: Pipe): unknown {
  let piped: readonly unknown[] = []
  for (const command of pipe.commands) piped = [evaluateCommand(scope, command, piped)]
  const value = piped[0]
  for (const name of pipe.variables)
    if (pipe.assigns) findVariable(scope, name).value = value
    else scope.variables.push({ name, value })
  return value
}

/** `piped`: the value of the command before, as the last argument. */
function evaluateCommand(scope: Scope, command: Command, piped: readonly unknown[]): unknown {
  const [first, ...rest] = command.operands
  if (first.kind === 'function') return evaluateFunction(scope, { called: first, operands: rest, piped })
  const args = [...rest.map((operand) => evaluateOperand(scope, operand)), ...piped]
  const { span } = first
  switch (first.kind) {
    case 'field':
      return readFields(scope, { from: scope.dot, names: first.names, span, args })
    case 'variable':
      return readFields(scope, { from: findVariable(scope, first.name).value, names: first.names, span, args })
    case 'chain':
      return readFields(scope, { from: evaluateOperand(scope, first.of), names: first.names, span, args })
    default:
      if (args.length > 0)
        throw complain(scope, { span, what: `can't give argument to non-function ${textOf(scope, span)}` })
      if (first.kind === 'nil') throw complain(scope, { span, what: 'nil is not a command' })
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

interface Call {
  readonly called: Extract<Operand, { kind: 'function' }>
  readonly operands: readonly Operand[]
  readonly piped: readonly unknown[]
}

function evaluateFunction(scope: Scope, call: Call): unknown {
  const { name, span } = call.called
  if (name === 'and' || name === 'or') return evaluateLogic(scope, call)
  const args = [...call.operands.map((operand) => evaluateOperand(scope, operand)), ...call.piped]
  try {
    return callFunction(name, args)
  } catch (error) {
    if (error instanceof ArityError) throw complain(scope, { span, what: error.message })
    if (!(error instanceof FunctionError)) throw error
    const whole = { ...span, to: call.operands.at(-1)?.span.to ?? span.to }
    throw complain(scope, { span: whole, what: `error calling ${name}: ${error.message}` })
  }
}

/** The first value that decides, or the last; what stands after it is not evaluated. */
function evaluateLogic(scope: Scope, { called, operands, piped }: Call): unknown {
  const { name, span } = called
  if (operands.length + piped.length === 0)
    throw complain(scope, { span, what: `wrong number of args for ${name}: want at least 1 got 0` })
  let value: unknown
  for (const operand of operands) {
    value = evaluateOperand(scope, operand)
    if (isTrue(value) === (name === 'or')) return value
  }
  return piped.length > 0 ? piped[0] : value
}

interface FieldAccess {
  readonly from: unknown
  readonly names: readonly string[]
  readonly span: Span
  readonly args: readonly unknown[]
}

/** Only the last name may be a method and take the arguments. */
function readFields(scope: Scope, { from, names, span, args }: FieldAccess): unknown {
  if (names.length === 0 && args.length > 0)
    throw complain(scope, { span, what: `can't give argument to non-function ${textOf(scope, span)}` })
  return names.reduce((value, name, at) => {
    return readField(scope, { from: value, name, span, args: at === names.length - 1 ? args : [] })
  }, from)
}

function readField(
  scope: Scope,
  { from, name, span, args }: Omit<FieldAccess, 'names'> & { readonly name: string },
): unknown {
  const refuse = (what: string, hint?: string) => complain(scope, { span, what, hint })
  if (isMap(from)) {
    if (args.length > 0) throw refuse(`${name} is not a method but has arguments`)
    return from.get(name)
  }
  if (from === undefined || from === null) throw refuse(`nil pointer evaluating interface {}.${name}`)
  if (!isStruct(from)) throw refuse(`can't evaluate field ${name} in type ${typeof from}`)
  if (!Object.hasOwn(from, name))
    throw refuse(`can't evaluate field ${name} in type struct`, `fields here are: ${Object.keys(from).join(', ')}`)
  const value = from[name]
  if (typeof value === 'function') return (value as (...args: readonly unknown[]) => unknown)(...args)
  if (args.length > 0) throw refuse(`${name} has arguments but cannot be invoked as function`)
  return value
}

const textOf = ({ template }: Scope, { from, to }: Span): string => template.source.slice(from, to)
