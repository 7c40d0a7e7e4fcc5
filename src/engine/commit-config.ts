// The config of an image made from a container: its image's, with what the container was made with in place of it, then the changes asked for.
// Pure. podman's rules: which fields a container hands on, and that a stop signal and a health check of its own are not among them.

import type { ContainerPlan } from '../model/container.js'
import type { ImageProcessConfig } from '../model/image.js'

export interface ConfigChanges {
  /** What `--change` said, all of it merged. */
  readonly changes: ImageProcessConfig
  /** Also what is mounted from elsewhere becomes a volume. */
  readonly includeVolumes: boolean
}

/** The engine's own mark in a container: whoever runs the image sets its own. */
const ENGINE_VARIABLE = 'container='

export function commitConfig(
  base: ImageProcessConfig,
  plan: ContainerPlan,
  { changes, includeVolumes }: ConfigChanges,
): ImageProcessConfig {
  const { process, entrypoint, labels } = plan
  const env = process.env.filter((entry) => !entry.startsWith(ENGINE_VARIABLE))
  const command = process.args.slice(entrypoint.length)
  const volumes = plan.mounts.filter(({ anonymous }) => includeVolumes || anonymous === true)
  const { Entrypoint: _entrypoint, Cmd: _cmd, User: _user, ...rest } = base
  const config = {
    ...rest,
    ...(process.user === '' ? {} : { User: process.user }),
    Env: mergeEnv(base.Env ?? [], env),
    ...(entrypoint.length === 0 ? {} : { Entrypoint: entrypoint }),
    ...(command.length === 0 ? {} : { Cmd: command }),
    WorkingDir: process.cwd,
    Labels: { ...base.Labels, ...labels },
    Volumes: { ...base.Volumes, ...Object.fromEntries(volumes.map(({ destination }) => [destination, {}])) },
  }
  return withoutEmpty({
    ...config,
    ...changes,
    Env: mergeEnv(config.Env, changes.Env ?? []),
    Labels: { ...config.Labels, ...changes.Labels },
    Volumes: { ...config.Volumes, ...changes.Volumes },
    ExposedPorts: { ...base.ExposedPorts, ...changes.ExposedPorts },
  })
}

/** One that is there keeps its place and gets the new value. */
function mergeEnv(before: readonly string[], after: readonly string[]): string[] {
  const nameOf = (entry: string) => entry.split('=', 1)[0] ?? ''
  return [...new Map([...before, ...after].map((entry) => [nameOf(entry), entry])).values()]
}

/** An empty list or map says nothing; `ENTRYPOINT []` takes one away. */
function withoutEmpty(config: ImageProcessConfig): ImageProcessConfig {
  const isEmpty = (value: unknown) =>
    value === null || (typeof value === 'object' && Object.keys(value as object).length === 0)
  return Object.fromEntries(Object.entries(config).filter(([, value]) => !isEmpty(value)))
}
