// Said -> decided: a CreateRequest, the image's config and the host's facts become a ContainerPlan. Pure; touches no disk.
// Each part of the plan has a planner of its own beside this file. The image's defaults follow OCI image-spec config.md, the rest podman-run(1).

import type { ContainerPlan, StorageDriver } from '../model/container.js'
import type { LocalImage } from '../model/image.js'
import type { CreateRequest } from '../model/run-request.js'
import { planHealth } from './plan-health.js'
import { type IsolationHost, planIsolation } from './plan-isolation.js'
import { planLifecycle } from './plan-lifecycle.js'
import { planLimits } from './plan-limits.js'
import { planLog } from './plan-log.js'
import { type MountHost, planMounts } from './plan-mounts.js'
import { planProcess } from './plan-process.js'

/** What the planners must know of the machine and of this container; all of it found out before. */
export interface PlanHost extends MountHost, IsolationHost {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly storageDriver: StorageDriver
  readonly layers: readonly string[]
  readonly runtime: string
}

/** Throws UsageError for what cannot be decided: no command, a bad signal, an unknown capability, a relative destination. */
export function planContainer(request: CreateRequest, image: LocalImage, host: PlanHost): ContainerPlan {
  const config = image.config.config ?? {}
  const isolation = planIsolation(request, host)
  return {
    image: { id: image.id, name: imageName(request.image, image) },
    ...isolation,
    process: planProcess(request, config, { userns: isolation.userns, env: host.env }),
    init: request.init,
    readOnly: request.readOnly,
    mounts: planMounts(request, config, host),
    ...planLimits(request),
    ...planLifecycle(request, config),
    ...planHealth(request, config),
    ...planLog(request),
    storageDriver: host.storageDriver,
    layers: host.layers,
    runtime: host.runtime,
  }
}

/** The full name that what was typed stands for; an id of an image without one stays as typed. */
function imageName(typed: string, image: LocalImage): string {
  const isName = (name: string) => name === typed || name.endsWith(`/${typed}`) || name.endsWith(`/${typed}:latest`)
  return image.names.find(isName) ?? image.names[0] ?? typed
}
