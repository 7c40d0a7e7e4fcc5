// What a command said about how registries are to be spoken to; everything not said comes from the user's files and the defaults.

export interface RegistryOptions {
  /** False: plain HTTP is tried too, certificates are not checked. Undefined: as configured; loopback addresses may speak plain HTTP. */
  readonly tlsVerify?: boolean
  /** A directory with *.crt (authorities), *.cert and *.key (ours). */
  readonly certDir?: string
  /** The credentials file, in place of the places looked through otherwise. */
  readonly authfile?: string
  /** `--creds USER:PASSWORD`: in place of every credentials file. */
  readonly credentials?: { readonly username: string; readonly password: string }
  /** How often a failed request is tried again. */
  readonly retries?: number
  /** Before the first of them; doubled for each further one unless it was said. */
  readonly retryDelayMs?: number
}

/** `--platform`, or `--os --arch --variant`; what is missing is the host's. */
export interface PlatformRequest {
  readonly os?: string
  readonly architecture?: string
  readonly variant?: string
}

/** When an image is looked for in its registry: `newer` is `always` that keeps the local one when the registry cannot be reached. */
export type PullPolicy = 'always' | 'missing' | 'never' | 'newer'
