// Lets only so many do something at the same time; the others wait in the order they came.

export interface Turns {
  /** Resolves to what gives the turn back. */
  readonly take: () => Promise<() => void>
}

export function createTurns(atOnce: number): Turns {
  const waiting: (() => void)[] = []
  let free = atOnce
  const giveBack = (): void => {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
  return {
    async take() {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      return giveBack
    },
  }
}
