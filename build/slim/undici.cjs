// What the server uses of undici, by file: its index also loads fetch, WebSocket, caches and mocks, megabytes that stay.
const Dispatcher = require('undici/lib/dispatcher/dispatcher.js')

Object.assign(Dispatcher.prototype, require('undici/lib/api/index.js'))

module.exports = {
  Dispatcher,
  Client: require('undici/lib/dispatcher/client.js'),
  Pool: require('undici/lib/dispatcher/pool.js'),
  BalancedPool: require('undici/lib/dispatcher/balanced-pool.js'),
  Agent: require('undici/lib/dispatcher/agent.js'),
  errors: require('undici/lib/core/errors.js'),
}
