// Said -> decided: a CreateRequest, the image's config and the host's facts become a ContainerPlan. Pure; touches no disk.
// Each part of the plan has a planner of its own beside this file. The image's defaults follow OCI image-spec config.md, the rest podman-run(1).

import type { ContainerPlan, StorageDriver } from '../model/container.js'
import type { PlannedImage } from '../model/image.js'
import type { PlannedProcess } from '../model/process.js'
import type { CreateRequest } from '../model/run-request.js'
import { planHealth } from './plan-health.js'
import { type IsolationHost, planIsolation } from './plan-isolation.js'
import { type LifecycleHost, planLifecycle } from './plan-lifecycle.js'
import { planLimits } from './plan-limits.js'
import { planLog } from './plan-log.js'
import { type MountHost, planFiles } from './plan-mounts.js'
import { type ProcessHost, planProcess } from './plan-process.js'

/** What the planners must know of the machine and of this container; all of it found out before. */
export interface PlanHost extends MountHost, IsolationHost, ProcessHost, Omit<LifecycleHost, 'systemd'> {
  readonly storageDriver: StorageDriver
  readonly layers: readonly string[]
  readonly runtime: string
}

/** Throws UsageError for what cannot be decided: no command, a bad signal, an unknown capability, a relative destination. */
export function planContainer(request: CreateRequest, image: PlannedImage, host: PlanHost): ContainerPlan {
  const config = image.config.config ?? {}
  const isolation = planIsolation(request, host)
  const process = planProcess(request, config, host)
  return {
    image: { id: image.id, name: request.rootfs ? '' : imageName(request.image, image) },
    ...isolation,
    ...process,
    process: withEnv(process.process, host.sources?.cdiEnv ?? []),
    ...planFiles(request, config, host),
    ...planLimits(request),
    ...planLifecycle(request, config, { ...host, systemd: process.systemd }),
    ...planHealth(request, config),
    ...planLog(request, host.cwd),
    storageDriver: host.storageDriver,
    layers: host.layers,
    runtime: host.runtime,
    ...(request.commandLine === undefined ? {} : { createCommand: request.commandLine }),
  }
}

/** What devices need of variables: the user's own of the same name stay. */
function withEnv(process: PlannedProcess, wanted: readonly string[]): PlannedProcess {
  const isSaid = (entry: string) => process.env.some((it) => it.startsWith(entry.slice(0, entry.indexOf('=') + 1)))
  return { ...process, env: [...process.env, ...wanted.filter((entry) => !isSaid(entry))] }
}

/** The full name that what was typed stands for; an id of an image without one stays as typed. */
function imageName(typed: string, image: PlannedImage): string {
  const isName = (name: string) => name === typed || name.endsWith(`/${typed}`) || name.endsWith(`/${typed}:latest`)
  return image.names.find(isName) ?? image.names[0] ?? typed
}
