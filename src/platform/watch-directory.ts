// Waiting for something to change in a directory. It is looked at before it is waited for: a change between two looks is never slept through.

import { watch } from 'node:fs'

export interface DirectoryWatch {
  /** Resolves when something may have changed since it was last asked; at once when something has. Only one caller at a time. */
  changed(): Promise<void>
  /** Makes `changed` resolve for another reason. */
  notify(): void
  stop(): void
}

/** File systems that tell nobody of changes (NFS) are looked at this often. */
const LOOK_AGAIN_MS = 1000

/** From now on. `persistent`: keeps the process alive. */
export function watchDirectory(
  dir: string,
  { persistent = true }: { readonly persistent?: boolean } = {},
): DirectoryWatch {
  let wake: (() => void) | undefined
  let isDirty = false
  const notify = () => {
    isDirty = true
    wake?.()
  }
  const watcher = watch(dir, { persistent }, notify)
  const timer = setInterval(notify, LOOK_AGAIN_MS)
  return {
    async changed() {
      if (!isDirty) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      isDirty = false
    },
    notify,
    stop() {
      watcher.close()
      clearInterval(timer)
    },
  }
}
