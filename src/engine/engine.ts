// What every verb is handed: the user's store and the choices made for this one command.

import type { StorageDriver } from '../model/container.js'
import { NO_REPORT, type ProgressReport } from '../model/progress.js'
import { openStore, type Store } from '../platform/store.js'

export interface EngineOptions {
  readonly root?: string
  readonly runroot?: string
  readonly storageDriver?: StorageDriver
  /** OCI runtime, name or path; crun, else runc, when not said. */
  readonly runtime?: string
  readonly cgroupManager?: 'cgroupfs' | 'systemd' | 'disabled'
  /** Is told how long work goes on. */
  readonly report?: ProgressReport
}

export interface Engine extends Store {
  readonly runtime?: string
  readonly cgroupManager?: NonNullable<EngineOptions['cgroupManager']>
  readonly report: ProgressReport
}

/** Makes the store's directories where they are missing; starts nothing. */
export function openEngine(options: EngineOptions = {}): Engine {
  const { runtime, cgroupManager, report = NO_REPORT, ...store } = options
  return {
    ...openStore(store),
    report,
    ...(runtime === undefined ? {} : { runtime }),
    ...(cgroupManager === undefined ? {} : { cgroupManager }),
  }
}
