// Asks before something that cannot be undone: podman's warning, question and answers.

import { readSync } from 'node:fs'
import { errorCode, UsageError } from '../model/errors.js'
import { writeOut } from './output.js'

const LONGEST_ANSWER = 1024

/** Whether the line read from standard input begins with a y. Throws UsageError when there is none to read. */
export function confirm(warning: string): boolean {
  writeOut(`WARNING! ${warning}\nAre you sure you want to continue? [y/N] `)
  const answer = readLine()
  if (answer === undefined)
    throw new UsageError('ask for confirmation: standard input has ended', {
      hint: 'use --force where nobody can answer',
    })
  return /^y/i.test(answer.trim())
}

/** Byte by byte: what comes after the line is not ours. */
function readLine(): string | undefined {
  const byte = Buffer.alloc(1)
  let line = ''
  while (line.length < LONGEST_ANSWER && readByte(byte)) {
    if (byte[0] === 0x0a) return line
    line += byte.toString('latin1')
  }
  return line === '' ? undefined : line
}

function readByte(byte: Buffer): boolean {
  for (;;) {
    try {
      return readSync(0, byte) === 1
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error // a terminal that somebody made non-blocking
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}
