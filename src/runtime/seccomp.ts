// From a seccomp profile in Docker's form (conditions on architecture and capabilities) to the OCI runtime-spec's, and the cache of
// its compiled BPF: crun compiles the profile anew at every create (21 ms); handed the bytes in an annotation it does not.

import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { BadInputError, errorCode } from '../model/errors.js'
import { readFileIfExists, writeFileAtomic } from '../platform/files.js'
import defaultProfile from './seccomp-profile.json' with { type: 'json' }

interface Condition {
  readonly arches?: readonly string[]
  readonly caps?: readonly string[]
  readonly minKernel?: string
}

interface ProfileRule {
  readonly names?: readonly string[]
  readonly name?: string
  readonly action: string
  readonly errnoRet?: number
  readonly args?: readonly object[] | null
  readonly includes?: Condition
  readonly excludes?: Condition
}

export interface SeccompProfile {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[]
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures: readonly string[] | null }[]
  readonly syscalls?: readonly ProfileRule[]
}

/** runtime-spec config-linux.md, "Seccomp". */
export interface OciSeccomp {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly architectures: readonly string[]
  readonly syscalls: readonly {
    readonly names: readonly string[]
    readonly action: string
    readonly errnoRet?: number
    readonly args?: readonly object[]
  }[]
}

export interface SeccompTarget {
  readonly capabilities: readonly string[]
  /** Node's process.arch. */
  readonly arch: string
  readonly kernelRelease: string
}

const ARCHES: Readonly<Record<string, { oci: string; docker: string }>> = {
  x64: { oci: 'SCMP_ARCH_X86_64', docker: 'amd64' },
  arm64: { oci: 'SCMP_ARCH_AARCH64', docker: 'arm64' },
}

/** Pure: the rules whose conditions hold for this target. */
export function toOciSeccomp(profile: SeccompProfile, target: SeccompTarget): OciSeccomp {
  const arch = ARCHES[target.arch]
  const mapped = profile.archMap?.find(({ architecture }) => architecture === arch?.oci)
  const architectures =
    mapped === undefined ? (profile.architectures ?? []) : [mapped.architecture, ...(mapped.subArchitectures ?? [])]
  const syscalls = (profile.syscalls ?? [])
    .filter(
      ({ includes, excludes }) =>
        holds(includes, target, true) && !(excludes !== undefined && holds(excludes, target, false)),
    )
    .map(({ names, name, action, errnoRet, args }) => ({
      names: names ?? (name === undefined ? [] : [name]),
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      ...(args ? { args } : {}),
    }))
  const errno = profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }
  return { defaultAction: profile.defaultAction, ...errno, architectures, syscalls }
}

/** `includes` needs all its parts to hold, `excludes` strikes when any of them does (Docker's profiles/seccomp). */
function holds(condition: Condition | undefined, target: SeccompTarget, all: boolean): boolean {
  if (condition === undefined) return all
  const parts: boolean[] = []
  if (condition.arches?.length) parts.push(condition.arches.includes(ARCHES[target.arch]?.docker ?? target.arch))
  if (condition.caps?.length) parts.push(condition.caps.every((cap) => target.capabilities.includes(cap)))
  if (condition.minKernel !== undefined) parts.push(isKernelAtLeast(target.kernelRelease, condition.minKernel))
  return all ? parts.every(Boolean) : parts.some(Boolean)
}

function isKernelAtLeast(release: string, wanted: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/** `default` is the built-in profile; anything else is the path of one. Throws BadInputError when it is none. */
export function readSeccompProfile(name: string): SeccompProfile {
  if (name === 'default') return defaultProfile
  try {
    return parseSeccompProfile(readFileSync(name, 'utf8'), name)
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause
    throw new BadInputError(`read seccomp profile: ${name}: no such file`, { cause })
  }
}

/** `origin` is for the error: a BadInputError when the text is no profile. */
export function parseSeccompProfile(text: string, origin: string): SeccompProfile {
  let profile: SeccompProfile
  try {
    profile = JSON.parse(text) as SeccompProfile
  } catch (cause) {
    throw new BadInputError(`read seccomp profile: ${origin}: not JSON`, { cause })
  }
  if (typeof profile?.defaultAction === 'string') return profile
  throw new BadInputError(`read seccomp profile: ${origin}: has no defaultAction`)
}

/** Where compiled BPF is kept: one file per profile, target and build of the runtime. */
export function bpfCacheFile(cacheDir: string, seccomp: OciSeccomp, runtime: string): string {
  const { size, mtimeMs } = statSync(runtime)
  const key = createHash('sha256').update(JSON.stringify([seccomp, runtime, size, mtimeMs, process.arch]))
  return path.join(cacheDir, `seccomp-${key.digest('hex').slice(0, 32)}.bpf`)
}

/** Base64 of the compiled filter, for the annotation `run.oci.seccomp_bpf_data`; undefined until a first container made it. */
export function readCachedBpf(cacheFile: string): string | undefined {
  const text = readFileIfExists(cacheFile)
  return text === undefined || text === '' ? undefined : text
}

/** Keeps what crun compiled for a container just created. A runtime that leaves no such file is fine: the JSON profile serves. */
export function keepCompiledBpf(cacheFile: string, runtimeStateDir: string): void {
  try {
    writeFileAtomic(cacheFile, readFileSync(path.join(runtimeStateDir, 'seccomp.bpf')).toString('base64'), {
      durable: false,
    })
  } catch (error) {
    if (errorCode(error) === undefined) throw error // only a speed-up: no space or no file is no reason to fail a container
  }
}
