#!/bin/sh
':' // ; exec node -- "$0" "$@" # node reads --env-file among a script's own words, unless -- comes before the script
'use strict'
// Starts dist/lichen.cjs, or for a frequent command the smaller dist/frequent.cjs, from V8's code cache: parsing the bundle would double
// the time of a short command.
// The cache is code, so it lies where only its reader's owner can write: beside the bundle, else in the user's own cache directory.

const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')

const FAILED = 125
// The cache holds the functions that the run which wrote it used, so commands that are typed often have one each. Of those the frequent
// ones are in the smaller bundle.
const FREQUENT = ['create', 'exec', 'images', 'inspect', 'kill', 'logs', 'ps', 'rm', 'run', 'start', 'stop', 'wait']
const OFTEN = ['pull', 'push', 'load']
const isTyped = (word) => process.argv.includes(word)

const dist = path.join(path.dirname(fs.realpathSync.native(__filename)), '../dist')
const uid = process.getuid()
// V8 compares only the source's length, its version and its flags; asking it for the latter costs a millisecond.
const hasFlags = process.execArgv.length > 0 || process.env.NODE_OPTIONS
const flags = hasFlags ? `-${require('node:v8').cachedDataVersionTag()}` : ''

/** Text and facts of one and the same file, whatever a build puts in its place meanwhile. */
function readBundle(file) {
  try {
    const fd = fs.openSync(file)
    const { mtimeMs, size } = fs.fstatSync(fd)
    const source = fs.readFileSync(fd, 'latin1')
    fs.closeSync(fd)
    return { source, mtimeMs, size }
  } catch (error) {
    fs.writeSync(2, `Error: start lichen: ${file}: ${error.code}\nHint: npm run build makes it\n`)
    process.exit(FAILED)
  }
}

/** Beside the bundle, as whoever can write there; each other user has a cache of their own. */
function candidates() {
  const home = process.env.XDG_CACHE_HOME || path.join(process.env.HOME || require('node:os').homedir(), '.cache')
  return path.isAbsolute(home) ? [dist, path.join(home, 'lichen')] : [dist]
}

/** Nobody but root and this user may be able to change what is run. */
function isTrusted({ uid: owner, mode }) {
  return (owner === 0 || owner === uid) && (mode & 0o022) === 0
}

function readCache(dir, name) {
  try {
    const fd = fs.openSync(path.join(dir, name), fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
    try {
      return isTrusted(fs.fstatSync(fd)) ? fs.readFileSync(fd) : undefined
    } finally {
      fs.closeSync(fd)
    }
  } catch {
    return undefined // no cache is the normal case of a first start, and never an error
  }
}

function writeCache({ family, build, name }, data) {
  for (const dir of candidates()) {
    try {
      fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
      if (!isTrusted(fs.statSync(dir))) continue
      const fresh = path.join(dir, `.${name}.${process.pid}`)
      fs.writeFileSync(fresh, data, { flag: 'wx', mode: dir === dist ? 0o644 : 0o600 })
      fs.renameSync(fresh, path.join(dir, name))
      removeOld(dir, family, build)
      return
    } catch {
      // not writable, or no space: the next place, or none
    }
  }
}

/** What earlier builds left; other versions of node keep theirs. */
function removeOld(dir, family, build) {
  for (const other of fs.readdirSync(dir))
    if (other.startsWith(family) && !other.startsWith(build)) fs.rmSync(path.join(dir, other), { force: true })
}

function start(bundle, use) {
  const file = path.join(dist, `${bundle}.cjs`)
  const { source, mtimeMs, size } = readBundle(file)
  const family = `${bundle}-${process.version}-${process.arch}${flags}-`
  const build = `${family}${size}-${Math.trunc(mtimeMs)}-`
  const name = `${build}${use}.cache`
  let cachedData
  for (const dir of candidates()) cachedData ??= readCache(dir, name)
  const wrapper = `(function (exports, require, module, __filename, __dirname) {${source}\n})`
  const script = new vm.Script(wrapper, { cachedData, filename: file })
  if (cachedData === undefined || script.cachedDataRejected) {
    // At the end, so that the functions this run used are in the cache, too; a run that failed used only some of them.
    process.on('exit', (code) => {
      if (code !== FAILED) writeCache({ family, build, name }, script.createCachedData())
    })
  }
  script.runInThisContext()({}, requireBeside, { exports: {} }, file, dist)
}

/** Builtins, and libraries beside the bundle; createRequire would cost a third of a millisecond. */
function requireBeside(id) {
  if (id === './whole') return startWhole()
  return require(id.startsWith('./') ? path.join(dist, id) : id)
}

/** Before anything was done, the program begins anew, with the same words; what asked for the rest waits until that has ended. */
function startWhole() {
  start('lichen', OFTEN.find(isTyped) ?? 'other')
  // biome-ignore lint/suspicious/noThenProperty: whoever imports it awaits it, for ever
  return { then: () => undefined }
}

const frequent = process.argv.find((word) => FREQUENT.includes(word))
if (frequent === undefined) start('lichen', OFTEN.find(isTyped) ?? 'other')
else start('frequent', frequent)
