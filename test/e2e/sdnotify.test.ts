// --sdnotify: who tells systemd that the service is ready. A datagram socket stands in for systemd's, whose reader understands whole lines only,
// which podman 4.3 does not send.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { startReader } from '../monitor/datagrams.js'
import { lichenTest } from '../support/container-test.js'
import type { Lichen } from '../support/lichen.js'

/** Runs detached with NOTIFY_SOCKET until systemd was told that the container is ready: by the monitor, or by what is sent in its place. */
async function told(lichen: Lichen, mode: string): Promise<readonly object[]> {
  const directory = join(lichen.directory, mode)
  mkdirSync(directory)
  const socket = join(directory, 'systemd')
  const reader = await startReader(socket)
  try {
    const words = ['run', '-d', '--name', mode, '--stop-timeout', '0', '--sdnotify', mode, 'box', 'sleep', '1000']
    const env = { NOTIFY_SOCKET: socket }
    expect(await lichen.with({ env }, ...words)).toMatchObject({ code: 0 })
    // with `ignore` nobody tells it of the first one: the next one's word is the first that comes
    if (mode === 'ignore')
      await lichen.with({ env }, 'run', '-d', '--stop-timeout', '0', '--sdnotify', 'conmon', 'box', 'sleep', '1000')
    await reader.until(() => reader.messages.some(({ READY }) => READY === '1'))
    return reader.messages
  } finally {
    reader.child.kill()
  }
}

lichenTest(
  'run tells systemd that the container is ready and which process to watch, or nothing',
  async ({ lichen }) => {
    expect(await told(lichen, 'conmon')).toEqual([{ MAINPID: expect.stringMatching(/^\d+$/), READY: '1' }])
    expect(await told(lichen, 'ignore')).toHaveLength(1)
  },
)
