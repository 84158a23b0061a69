// The proxy makes an agent at its start, and then goes through the pool that it is given.
exports.Agent = class UnusedAgent {}
