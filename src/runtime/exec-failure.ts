// Some failures to execute show only after the start (a file of the wrong format, a script without its interpreter): the runtime then
// writes one line to the container's own output and exits with 1. Pure.

const CRUN = /^\{"msg":"exec container process [^\n]*"level":"error"[^\n]*\}\r?\n$/
const RUNC = /^exec [^\n:]+: (?:exec format error|no such file or directory)\r?\n$/

/** Whether this, if it is all the output there is, is such a line. */
export function isExecFailure(output: Buffer): boolean {
  if (output[0] !== 0x7b && output[0] !== 0x65) return false // { or e: looked at for every container's first words
  const text = output.toString('utf8')
  return CRUN.test(text) || RUNC.test(text)
}
