// Where a container's output goes. Pure. podman-run(1), --log-driver; that files are put aside before they fill the disk is our own default.

import path from 'node:path'
import { UsageError } from '../model/errors.js'
import type { LogPlan } from '../model/log.js'
import type { CreateRequest } from '../model/run-request.js'

const DEFAULT_MAX_SIZE_BYTES = 10 * 1024 * 1024
const DEFAULT_MAX_FILES = 3

/** Throws UsageError for options that the driver has nothing to do with. */
export function planLog({ logDriver = 'k8s-file', logOptions = {}, tty }: CreateRequest, cwd: string): LogPlan {
  const { path: file, maxSizeBytes = DEFAULT_MAX_SIZE_BYTES, maxFiles = DEFAULT_MAX_FILES, tag = '' } = logOptions
  const isFile = logDriver === 'k8s-file' || logDriver === 'json-file'
  if (!isFile && (file ?? logOptions.maxSizeBytes ?? logOptions.maxFiles) !== undefined)
    throw new UsageError(`plan log: path, max-size and max-file are for files, not for ${logDriver}`)
  if (logDriver === 'passthrough' && tty)
    throw new UsageError('plan log: the passthrough driver hands our own streams to the container, which -t replaces', {
      hint: 'leave out -t, or take --log-driver passthrough-tty without it',
    })
  return {
    log: {
      driver: logDriver,
      ...(file === undefined ? {} : { path: path.resolve(cwd, file) }),
      maxSizeBytes,
      maxFiles,
      tag,
    },
  }
}
