// Mounts fuse-overlayfs where we are, so that its daemon ends with the mount and with the mount namespace: the device is opened here,
// the daemon takes its own copy of the mount table *before* the mount exists, and is handed the device. One that saw its own mount would
// pin it for ever. The same order as monitor/fuse.c.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, promises } from 'node:fs'
import { HostError } from '../model/errors.js'

export interface FuseMount {
  readonly program: string
  /** fuse-overlayfs's own, `lowerdir=…`. */
  readonly options: string
  /** What relative names in them are relative to. */
  readonly cwd: string
  readonly target: string
}

const DEVICE_FD = 3
const MOUNT_OPTIONS = 'rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other,ro,nodev'
/** Says "ready" when its mount table is its own, waits for a line, becomes the daemon. End of file: there is nothing to serve. */
const SERVE = `echo ready && read -r mounted && exec "$0" -f -o "$1" /dev/fd/${DEVICE_FD} >/dev/null 2>&1`

/** Resolves when the file system answers. Throws HostError; nothing is mounted then. */
export async function mountFuse({ program, options, cwd, target }: FuseMount): Promise<void> {
  const device = openDevice()
  try {
    const daemon = spawn('unshare', ['--mount', 'sh', '-c', SERVE, program, options], {
      cwd,
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore', device],
    })
    await expectReady(daemon)
    await mountDevice(device, target)
    daemon.stdin?.end('mounted\n')
    daemon.stdout?.destroy()
    daemon.unref()
  } finally {
    closeSync(device) // the daemon's is now the only one: should it end, so does the waiting
  }
  await promises.statfs(target).catch(async (cause: unknown) => {
    await runMount(['umount', '--lazy', target], [])
    throw new HostError(`mount fuse-overlayfs: ${target}: it ended at once`, {
      cause,
      hint: 'try --storage-driver copy',
    })
  })
}

function openDevice(): number {
  try {
    return openSync('/dev/fuse', 'r+')
  } catch (cause) {
    throw new HostError('open: /dev/fuse: not for this user', { cause, hint: 'leave --storage-driver out' })
  }
}

async function expectReady(daemon: ChildProcess): Promise<void> {
  const isReady = await Promise.race([
    once(daemon.stdout ?? daemon, 'data').then(() => true),
    once(daemon, 'exit').then(
      () => false,
      () => false,
    ),
  ])
  if (!isReady) throw new HostError('start: fuse-overlayfs: it cannot have a mount namespace of its own')
}

async function mountDevice(device: number, target: string): Promise<void> {
  const options = `fd=${DEVICE_FD},${MOUNT_OPTIONS}`
  const argv = ['mount', '--internal-only', '-t', 'fuse.fuse-overlayfs', '-o', options, 'fuse-overlayfs', target]
  const code = await runMount(argv, [device])
  if (code !== 0) throw new HostError(`mount fuse-overlayfs: ${target}: mount(8) ended with exit code ${code}`)
}

async function runMount([program = '', ...args]: readonly string[], more: readonly number[]): Promise<number | null> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore', ...more] })
  const [code] = (await once(child, 'close')) as [number | null]
  return code
}
