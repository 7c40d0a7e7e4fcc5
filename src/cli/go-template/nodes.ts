// The syntax tree of a template, as Go's text/template/parse has it. Data only.

/** Where a piece stands in the template's text, for error messages. */
export interface Span {
  readonly from: number
  readonly to: number
  /** The column errors name, where it is not the first: Go counts a chain of fields from its second. */
  readonly at?: number
}

export type Operand =
  | { readonly kind: 'dot'; readonly span: Span }
  | { readonly kind: 'nil'; readonly span: Span }
  | { readonly kind: 'literal'; readonly value: string | number | boolean; readonly span: Span }
  | { readonly kind: 'field'; readonly names: readonly string[]; readonly span: Span } // .A.B
  | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[]; readonly span: Span } // $x.A
  | { readonly kind: 'function'; readonly name: string; readonly span: Span }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly span: Span } // ( … )
  | { readonly kind: 'chain'; readonly of: Operand; readonly names: readonly string[]; readonly span: Span } // ( … ).A

/** A function or method with its arguments, or a lone value. */
export interface Command {
  readonly operands: readonly [Operand, ...Operand[]]
}

export interface Pipe {
  /** `$x :=`, `$i, $x :=`; empty: the value is the pipe's own. */
  readonly variables: readonly string[]
  /** `=`: an existing variable is set. */
  readonly assigns: boolean
  readonly commands: readonly Command[]
  readonly span: Span
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipe: Pipe
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
    }
  | { readonly kind: 'template'; readonly name: string; readonly pipe?: Pipe; readonly span: Span }
  | { readonly kind: 'break' | 'continue' }

export interface Template {
  readonly name: string
  readonly source: string
  readonly root: readonly Node[]
  /** `define` and `block`, by name. */
  readonly definitions: ReadonlyMap<string, readonly Node[]>
}
