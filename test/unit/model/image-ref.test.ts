import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/model/errors.js'
import { formatImageRef, parseImageRef } from '../../../src/model/image-ref.js'

const DIGEST = `sha256:${'a'.repeat(64)}`

describe('parseImageRef', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine:latest'],
    ['alpine:3.20', 'docker.io/library/alpine:3.20'],
    ['user/tool', 'docker.io/user/tool:latest'],
    ['index.docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['localhost/mine', 'localhost/mine:latest'],
    ['localhost:5000/mine:v1', 'localhost:5000/mine:v1'],
    ['quay.example/a/b/c:1.0_x-y', 'quay.example/a/b/c:1.0_x-y'],
    ['[::1]:5000/x', '[::1]:5000/x:latest'],
    [`alpine@${DIGEST}`, `docker.io/library/alpine@${DIGEST}`],
    [`alpine:3@${DIGEST}`, `docker.io/library/alpine:3@${DIGEST}`],
    ['a__b/c--d.e', 'docker.io/a__b/c--d.e:latest'],
  ])('reads %s as %s', (text, full) => {
    expect(formatImageRef(parseImageRef(text))).toBe(full)
  })

  it.each([
    ['', /bad repository name/],
    ['Alpine', /must be lowercase/],
    ['alpine:', /bad tag/],
    ['alpine:-x', /bad tag/],
    ['../etc/passwd', /bad repository name|bad registry/],
    ['a//b', /bad repository name/],
    ['alpine@sha256:abc', /64 hex digits/],
    ['-x', /bad repository name/],
    ['a b', /bad repository name/],
    [`x/${'a'.repeat(256)}`, /longer than 255/],
    [`alpine:${'t'.repeat(129)}`, /bad tag/],
  ])('refuses %s with its reason', (text, reason) => {
    expect(() => parseImageRef(text)).toThrow(UsageError)
    expect(() => parseImageRef(text)).toThrow(reason)
  })
})
