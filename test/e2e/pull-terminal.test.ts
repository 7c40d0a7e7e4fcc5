// What a person sees of a pull on a terminal, and that the terminal stays theirs while it goes on.

import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { tar } from '../monitor/tar-writer.js'
import { isLichen } from '../support/facts.js'
import { BLOBS, startFaultProxy } from '../support/fault-proxy.js'
import { holdAfter } from '../support/faults.js'
import { test } from '../support/interop-test.js'
import { putImage } from '../support/put-image.js'

const TLS = '--tls-verify=false'
const big = { layers: [tar({ name: 'data', data: randomBytes(3_000_000).toString('latin1') })] }

test.runIf(isLichen)(
  'a pull on a terminal draws bars, and ctrl-c ends the run that waits for it',
  async ({ bare: lichen, registry }) => {
    await putImage(registry.host, 'app', 'v1', big)
    const proxy = await startFaultProxy(registry.url, { path: BLOBS, after: 1, action: holdAfter(1_000_000) })
    try {
      const name = `${proxy.host}/app:v1`
      for (const words of [
        ['pull', TLS, name],
        ['run', '-it', TLS, name, 'sh'],
      ]) {
        const terminal = lichen.terminal(words)
        await terminal.expect(/Pulling 127.*\r\n/)
        await terminal.expect(/Fetching +[0-9a-f]{12} {2}\[=+> +\] {2}[\d.]+ [kM]B \/ [\d.]+ MB\r\n/)
        terminal.press('\x03')
        expect(await terminal.exit()).toMatchObject({ code: 130, canonical: true, echo: true })
      }
      proxy.reset()
      await lichen.ok('pull', '-q', TLS, name)
      const fetched = proxy.sentBytes(BLOBS)
      expect(fetched).toBeGreaterThan(1_000_000)
      expect(fetched).toBeLessThan(2_700_000)
    } finally {
      await proxy.stop()
    }
  },
)
