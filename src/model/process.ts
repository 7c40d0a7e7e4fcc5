// What a container runs and as whom: as said, and as decided.

export type EnvRequest =
  | { readonly kind: 'set'; readonly name: string; readonly value: string }
  | { readonly kind: 'host'; readonly name: string } // -e NAME: taken from the caller's environment when it is there
  | { readonly kind: 'host-prefix'; readonly prefix: string } // -e PREFIX*

export interface ProcessRequest {
  readonly interactive: boolean
  readonly tty: boolean
  readonly env: readonly EnvRequest[]
  /** Files of --env-file, in order; what `env` says wins. */
  readonly envFiles: readonly string[]
  /** --env-host: the whole of the caller's environment, below the image's. */
  readonly envHost: boolean
  /** `NAME=TEXT` with $NAME and ${NAME:-default} of the image in TEXT. */
  readonly envMerge: readonly (readonly [name: string, text: string])[]
  readonly unsetEnv: readonly string[]
  readonly unsetEnvAll: boolean
  /** The caller's proxy variables are passed on. */
  readonly httpProxy: boolean
  readonly workdir?: string
  readonly user?: string
  /** Supplementary groups, names or numbers; `keep-groups` alone: the caller's own. */
  readonly groupAdd: readonly string[]
  /** `--entrypoint X` is [X]; `--entrypoint '["a","b"]'` both; `--entrypoint ''` is []. Undefined: the image's. */
  readonly entrypoint?: readonly string[]
  readonly init: boolean
  /** A program of the host's to use as that init. */
  readonly initPath?: string
  readonly systemd: SystemdRequest
  readonly umask?: number
  /** A name below zoneinfo, or `local`: the host's. */
  readonly timezone?: string
  readonly personality?: Personality
  /** Whether passwd and group get an entry for a user that the image does not know. */
  readonly passwd: boolean
  readonly passwdEntry?: string
  readonly groupEntry?: string
  /** Users of the host, names or numbers, that the container's passwd is to know. */
  readonly hostUsers: readonly string[]
}

/** Whether a container is furnished for systemd: by what it runs, always, never. */
export type SystemdRequest = 'auto' | 'always' | 'never'
export type Personality = 'LINUX' | 'LINUX32'

export interface PlannedProcess {
  readonly args: readonly string[]
  /** `NAME=value`, in order, without HOME when nobody set it (it comes from the rootfs' passwd). */
  readonly env: readonly string[]
  readonly cwd: string
  /** `[user][:group]` names or numbers, as said or as the image says; empty: root. */
  readonly user: string
  readonly tty: boolean
  readonly openStdin: boolean
}

/** What passwd and group of the container are to know beside what the image says. */
export interface PlannedUserFiles {
  readonly addMissing: boolean
  /** Lines with $USERNAME, $UID, $GID, $NAME, $HOME; and $GROUPNAME, $GID, $USERLIST. */
  readonly passwdEntry?: string
  readonly groupEntry?: string
  readonly hostUsers: readonly string[]
}

export interface ProcessPlan {
  readonly process: PlannedProcess
  /** The beginning of `process.args` that is the entrypoint; the rest is the command. */
  readonly entrypoint: readonly string[]
  readonly umask: number
  /** Supplementary groups beside those that the user is a member of; or `keep-groups` alone. */
  readonly groupAdd: readonly string[]
  readonly init: boolean
  readonly initPath?: string
  readonly systemd: boolean
  readonly timezone?: string
  readonly personality?: Personality
  readonly userFiles: PlannedUserFiles
}
