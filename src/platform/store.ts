// The one value every workshop is handed: where this user's things lie, who the user is, which ids there are.
// Opening it makes the directories and reads a few small files; it starts nothing.

import type { StorageDriver } from '../model/container.js'
import { type HostFacts, readHostFacts } from './host-facts.js'
import { ensureStore, type PathOptions, type StorePaths, storePaths } from './paths.js'
import { findUserNamespace, type UserNamespace } from './userns.js'

export interface Store {
  readonly paths: StorePaths
  readonly facts: HostFacts
  readonly userns: UserNamespace
  /** `--storage-driver`: this one or an error. Undefined: the best one that works here. */
  readonly storageDriver?: StorageDriver
}

export interface StoreOptions extends PathOptions {
  readonly storageDriver?: StorageDriver
}

/** Idempotent. Throws HostError when the store's directories cannot be made. */
export function openStore(options: StoreOptions = {}): Store {
  const facts = readHostFacts()
  const paths = storePaths(facts, options)
  ensureStore(paths)
  return {
    paths,
    facts,
    userns: findUserNamespace(facts),
    ...(options.storageDriver === undefined ? {} : { storageDriver: options.storageDriver }),
  }
}
