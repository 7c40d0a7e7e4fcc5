// Devices of the host that a container is given.

import type { InferredFlags } from '@oclif/core/interfaces'
import type { FilesRequest } from '../../model/mounts.js'
import { list } from '../flags.js'
import { parseDevice, parseDeviceRule, parseGpus } from '../values/device.js'

export const deviceFlags = {
  device: list(
    'Give a device: HOST[:CONTAINER][:rwm], a directory of devices, or vendor.com/class=name (CDI)',
    parseDevice,
    {
      commas: true,
    },
  ),
  'device-cgroup-rule': list('Allow devices by number: "TYPE MAJOR:MINOR ACCESS"', parseDeviceRule, { commas: true }),
  gpus: list('Give GPUs by their CDI names: all, a number of them, or device=NAME[,NAME]', parseGpus),
}

export function toDevicesRequest(
  flags: InferredFlags<typeof deviceFlags>,
): Pick<FilesRequest, 'devices' | 'deviceRules'> {
  return { devices: [...flags.device, ...flags.gpus.flat()], deviceRules: flags['device-cgroup-rule'] }
}
