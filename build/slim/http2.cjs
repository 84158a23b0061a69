// Fastify and its proxy can speak HTTP/2 themselves; here a proxy in front does. They only ask for constants.
exports.constants = {}
