// What was *said* on the command line (or by another front), value grammars already parsed, nothing decided yet.
// The engine's planner turns it, with the image's config and the host's facts, into a ContainerPlan.

import type { HealthRequest } from './health.js'
import type { IsolationRequest } from './isolation.js'
import type { LifecycleRequest } from './lifecycle.js'
import type { LimitsRequest } from './limits.js'
import type { LogRequest } from './log.js'
import type { FilesRequest } from './mounts.js'
import type { EnvRequest, ProcessRequest } from './process.js'
import type { PlatformRequest, PullPolicy, RegistryOptions } from './registry.js'

/** How the image is brought here when it must be. */
export interface ImagePullRequest {
  readonly policy: PullPolicy
  readonly registry: RegistryOptions
  readonly platform?: PlatformRequest
}

/** Each part is said with the flags of one file in cli/create-flags/, decided by one planner, and has its types in one file of this room. */
export interface CreateRequest
  extends ProcessRequest,
    IsolationRequest,
    FilesRequest,
    LimitsRequest,
    LifecycleRequest,
    HealthRequest,
    LogRequest {
  readonly image: string
  readonly pull: ImagePullRequest
  /** Arguments after the image; empty: the image's own command. */
  readonly command: readonly string[]
  /** The whole command line that says all this, where one was typed. */
  readonly commandLine?: readonly string[]
}

export const STREAMS = ['stdin', 'stdout', 'stderr'] as const
export type StreamName = (typeof STREAMS)[number]

export interface RunRequest extends CreateRequest {
  /** Of the container's output only these; empty: all. */
  readonly attach: readonly StreamName[]
  /** With the container, at its end. */
  readonly removeImage: boolean
  readonly detach: boolean
  /** The byte sequence that detaches (default ctrl-p, ctrl-q); empty: none. */
  readonly detachKeys: readonly number[]
  readonly sigProxy: boolean
  /** So many descriptors of ours, from 3, are the container's too. */
  readonly preserveFds: number
  /** By their numbers, these as well. */
  readonly singleFds: readonly number[]
}

export interface ExecRequest {
  readonly container: string
  readonly command: readonly string[]
  readonly interactive: boolean
  readonly tty: boolean
  readonly detach: boolean
  /** With a terminal: the bytes that leave the command running; empty: none. */
  readonly detachKeys: readonly number[]
  readonly env: readonly EnvRequest[]
  /** Files of --env-file, in order; what `env` says wins. */
  readonly envFiles: readonly string[]
  /** So many descriptors of ours, from 3, are the command's too. */
  readonly preserveFds: number
  /** By their numbers, these as well. */
  readonly singleFds: readonly number[]
  readonly workdir?: string
  readonly user?: string
  readonly privileged: boolean
}
