// HTTP/2 to upstreams is off (`allowH2`): its half of undici loads all of `node:http2`.
module.exports = () => {
  throw new Error('HTTP/2 to upstreams is not part of this build')
}
