// What a container runs and as whom: as said, and as decided.

export type EnvRequest =
  | { readonly kind: 'set'; readonly name: string; readonly value: string }
  | { readonly kind: 'host'; readonly name: string } // -e NAME: taken from the caller's environment when it is there
  | { readonly kind: 'host-prefix'; readonly prefix: string } // -e PREFIX*

export interface ProcessRequest {
  readonly interactive: boolean
  readonly tty: boolean
  readonly env: readonly EnvRequest[]
  readonly workdir?: string
  readonly user?: string
  /** `--entrypoint X` is [X]; `--entrypoint '["a","b"]'` both; `--entrypoint ''` is []. Undefined: the image's. */
  readonly entrypoint?: readonly string[]
  readonly init: boolean
}

export interface PlannedProcess {
  readonly args: readonly string[]
  /** `NAME=value`, in order, without HOME when nobody set it (it comes from the rootfs' passwd). */
  readonly env: readonly string[]
  readonly cwd: string
  /** `user[:group]` names or numbers, as said or as the image says; empty: root. */
  readonly user: string
  readonly tty: boolean
  readonly openStdin: boolean
}

export interface ProcessPlan {
  readonly process: PlannedProcess
  readonly init: boolean
}
