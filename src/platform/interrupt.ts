// Takes something of the user's away when the user ends us: what lies in the store needs no such care, it is swept.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** `undo` runs when one of the ending signals comes, which then does its work. Returns what forgets it. */
export function onInterrupt(undo: () => void): () => void {
  const handlers = SIGNALS.map((name) => [name, () => end(name)] as const)
  const forget = (): void => {
    for (const [name, handler] of handlers) process.off(name, handler)
  }
  const end = (name: NodeJS.Signals): void => {
    forget()
    undo()
    process.kill(process.pid, name)
  }
  for (const [name, handler] of handlers) process.on(name, handler)
  return forget
}
