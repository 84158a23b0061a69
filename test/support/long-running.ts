/** Loaded before a server, it makes it believe that it has run for an hour. */
const uptime = process.uptime.bind(process)
process.uptime = () => uptime() + 3600
