// The user's end of an attached container. The CLI gives a terminal or pipes (platform/tty.ts), the API whatever its caller has.

export interface WindowSize {
  readonly rows: number
  readonly columns: number
}

export interface ContainerIo {
  /** Chunks as they come; its end is the end of input. Undefined: input is not attached. */
  readonly stdin?: AsyncIterable<Uint8Array>
  /** Resolves when the chunk is taken: what holds the container back when nobody reads. Rejects with EPIPE once nobody will ever read. */
  stdout(chunk: Uint8Array): Promise<void>
  stderr(chunk: Uint8Array): Promise<void>
  /** Undefined: no terminal on this side. */
  windowSize?(): WindowSize | undefined
  /** Calls back on every change of the size; returns the unsubscriber. */
  onResize?(listener: () => void): () => void
  /** Calls back with signals meant for the container; returns the unsubscriber. Undefined: none are passed on. */
  onSignal?(listener: (signal: number) => void): () => void
}

/** How an attached session ended: with the container, because the user detached, because whoever read the output has gone, or because the monitor vanished. */
export type AttachOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly runtimeLog?: string }
  | { readonly kind: 'detached' }
  | { readonly kind: 'unread' }
  | { readonly kind: 'lost' }
