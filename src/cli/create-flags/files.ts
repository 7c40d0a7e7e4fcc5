// What a container sees of files beside its image: volumes, tmpfs, secrets, a read-only root.

import type { InferredFlags } from '@oclif/core/interfaces'
import { UsageError } from '../../model/errors.js'
import { type FilesRequest, IMAGE_VOLUME_MODES, type ImageVolumeMode } from '../../model/mounts.js'
import { list, refused, toggle, value } from '../flags.js'
import { onlySaid } from '../only-said.js'
import { parseMount } from '../values/mount.js'
import { parseSecret } from '../values/secret.js'
import { parseSize } from '../values/size.js'
import { parseTmpfs } from '../values/tmpfs.js'
import { parseVolume } from '../values/volume.js'
import { parseVolumesFrom } from '../values/volumes-from.js'
import { deviceFlags, toDevicesRequest } from './devices.js'

export const fileFlags = {
  ...deviceFlags,
  'image-volume': value("What becomes of the image's own volumes: anonymous (or bind), tmpfs, ignore", parseMode, {
    default: 'anonymous' as ImageVolumeMode,
  }),
  mount: list(
    'Mount something: type=bind|volume|tmpfs|ramfs|devpts|image|glob|artifact,source=…,target=…[,…]',
    parseMount,
  ),
  'read-only': toggle('Mount the root file system read-only'),
  'read-only-tmpfs': toggle('With --read-only: let /dev, /dev/shm, /run, /tmp and /var/tmp be written to', {
    default: true,
  }),
  rootfs: toggle("The image's place names a directory with a root file system: PATH[:O]"),
  secret: list('Give a secret: NAME[,type=mount|env][,target=…][,uid=][,gid=][,mode=]', parseSecret),
  'shm-size': value('Size of /dev/shm, 0 for no limit', (input) => parseShmSize(input, 'shm-size'), {
    type: 'size',
    defaultHelp: '65536k',
    emptyIsUnsaid: true,
  }),
  'shm-size-systemd': value(
    'Size of each file system of memory that systemd in the container is given',
    (input) => parseShmSize(input, 'shm-size-systemd'),
    { type: 'size' },
  ),
  'storage-opt': refused('containers have no size of their own; --tmpfs has one, and quotas of the file system count'),
  tmpfs: list('Mount a tmpfs: PATH[:OPTIONS]', parseTmpfs, { type: 'tmpfs' }),
  volume: list('Mount a directory or volume: [SOURCE:]DESTINATION[:OPTIONS]', parseVolume, { char: 'v' }),
  'volume-driver': refused('volumes with another driver are made by volume create, or --mount …,volume-opt=…'),
  'volumes-from': list('Mount what another container has mounted: CONTAINER[:ro|rw]', parseVolumesFrom),
}

export function toFilesRequest(flags: InferredFlags<typeof fileFlags>): FilesRequest {
  return {
    mounts: [...flags.volume, ...flags.mount],
    tmpfs: flags.tmpfs,
    volumesFrom: flags['volumes-from'],
    imageVolumes: flags['image-volume'],
    readOnly: flags['read-only'],
    readOnlyTmpfs: flags['read-only-tmpfs'],
    secrets: flags.secret,
    rootfs: flags.rootfs,
    ...toDevicesRequest(flags),
    ...onlySaid({ shmSizeBytes: flags['shm-size'], shmSizeSystemdBytes: flags['shm-size-systemd'] }),
  }
}

function parseMode(input: string): ImageVolumeMode {
  const mode = IMAGE_VOLUME_MODES.find((it) => it === input)
  if (mode !== undefined) return mode
  throw new UsageError(`invalid image volume mode "${input}" required value: anonymous, bind, tmpfs, ignore`)
}

function parseShmSize(input: string, flag: string): number {
  try {
    return parseSize(input)
  } catch (cause) {
    throw new UsageError(`unable to translate --${flag}: invalid size: '${input}'`, { cause })
  }
}
